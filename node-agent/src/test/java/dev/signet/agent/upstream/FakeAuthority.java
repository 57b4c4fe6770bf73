package dev.signet.agent.upstream;

import dev.signet.agent.svid.CertificateRequest;
import dev.signet.agent.svid.Refusal;
import dev.signet.agent.svid.SvidAuthority;
import dev.signet.agent.svid.SvidRequest;
import dev.signet.agent.testing.ManualLoop;
import dev.signet.agent.testing.TestAuthority;
import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.X509Svid;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** A CA that keeps what is asked. */
final class FakeAuthority implements CertificateAuthority {
  private final TestAuthority authority;
  private final InstantSource clock;
  private final ManualLoop loop;

  FakeAuthority(TestAuthority authority, InstantSource clock, ManualLoop loop) {
    this.authority = authority;
    this.clock = clock;
    this.loop = loop;
  }

  record Asked(CertificateRequest csr, AttestationAnswer answer) {}

  final List<Asked> asked = new ArrayList<>();
  final List<Connection> connections = new ArrayList<>();

  /** Whether kubelet brought the agent another token since it attested. */
  boolean newToken;

  @Override
  public void attest(CertificateRequest csr, AttestationAnswer answer) {
    asked.add(new Asked(csr, answer));
  }

  @Override
  public void ifTokenIsNew(Runnable then) {
    if (newToken) {
      newToken = false;
      loop.execute(then);
    }
  }

  @Override
  public CaConnection connect(X509Svid svid) {
    var connection = new Connection();
    connections.add(connection);
    return connection;
  }

  void attest(SpiffeId id, Duration life) {
    attest(authority, id, life);
  }

  void attest(TestAuthority by, SpiffeId id, Duration life) {
    Asked last = asked.getLast();
    last.answer()
        .attested(
            by.issue(
                id,
                last.csr().der(),
                clock.instant().minusSeconds(300),
                clock.instant().plus(life)),
            authority.bundle());
    loop.run();
  }

  void refuse(Refusal refusal) {
    asked.getLast().answer().refused(refusal);
  }

  Session session() {
    return connections.getLast().sessions.getLast();
  }

  /** One connection. */
  static final class Connection implements CaConnection {
    final List<Session> sessions = new ArrayList<>();
    final List<SvidAuthority.Answers> answers = new ArrayList<>();
    final List<SvidRequest> requests = new ArrayList<>();
    int batches;
    boolean drained;

    @Override
    public void issue(List<SvidRequest> batch, SvidAuthority.Answers of) {
      batches++;
      requests.addAll(batch);
      answers.add(of);
    }

    @Override
    public CaSession open(SessionReport state, SessionEvents events) {
      var session = new Session(events);
      session.reports.add(state);
      sessions.add(session);
      return session;
    }

    @Override
    public void drain() {
      drained = true;
    }
  }

  /** One session. */
  static final class Session implements CaSession {
    final SessionEvents events;
    final List<SessionReport> reports = new ArrayList<>();
    final List<String> problems = new ArrayList<>();
    int heartbeats;
    boolean ready = true;
    boolean closed;
    boolean abandoned;

    Session(SessionEvents events) {
      this.events = events;
    }

    @Override
    public boolean ready() {
      return ready;
    }

    @Override
    public void report(SessionReport changes) {
      reports.add(changes);
    }

    @Override
    public void heartbeat() {
      heartbeats++;
    }

    @Override
    public void problem(SessionProblem problem) {
      problems.add(problem.code());
    }

    @Override
    public void close() {
      closed = true;
    }

    @Override
    public void abandon() {
      abandoned = true;
    }
  }
}
