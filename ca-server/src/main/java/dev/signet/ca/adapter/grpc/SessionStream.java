package dev.signet.ca.adapter.grpc;

import dev.signet.ca.audit.AuditEvent;
import dev.signet.ca.audit.AuditTrail;
import dev.signet.ca.audit.Caller;
import dev.signet.ca.bundle.TrustBundle;
import dev.signet.ca.issuance.AgentPeer;
import dev.signet.ca.issuance.Refusal;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.session.Acknowledgement;
import dev.signet.ca.session.RemovalCause;
import dev.signet.ca.session.SessionSink;
import dev.signet.ca.session.Sessions;
import dev.signet.proto.agent.v1.Problem;
import dev.signet.proto.agent.v1.SessionRequest;
import dev.signet.proto.agent.v1.SessionResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One agent's session stream. Up, gRPC hands over one message at a time. Down, only what the
 * transport is ready for is written; the rest waits here, at most one bundle, one order and one
 * removal a pod. Thread-safe.
 */
final class SessionStream implements StreamObserver<SessionRequest>, SessionSink {
  private static final long HELLO_SECONDS = 10;
  private static final int MOST_REMOVALS = 2 * Acknowledgement.MAX_PODS;

  private final Caller caller;
  private final AgentPeer agent;
  private final ServerCallStreamObserver<SessionResponse> responses;
  private final Sessions sessions;
  private final LiveCheck live;
  private final AuditTrail audit;

  private final Object lock = new Object();
  private final Map<String, RemovalCause> unsentRemovals = new LinkedHashMap<>();
  private Optional<TrustBundle> unsentBundle = Optional.empty();
  private Optional<Set<String>> unsentOrder = Optional.empty();
  private long sentRevision;
  private boolean ended;
  private final AtomicBoolean recordedEnd = new AtomicBoolean();
  private volatile Optional<Sessions.Session> session = Optional.empty();
  // Before there is a session: opening it may wait for the store.
  private volatile boolean greeted;

  private SessionStream(
      Caller caller,
      ServerCallStreamObserver<SessionResponse> responses,
      Sessions sessions,
      LiveCheck live,
      AuditTrail audit) {
    this.caller = caller;
    this.agent = caller.agent().orElseThrow();
    this.responses = responses;
    this.sessions = sessions;
    this.live = live;
    this.audit = audit;
  }

  static SessionStream open(
      Caller caller,
      ServerCallStreamObserver<SessionResponse> responses,
      Sessions sessions,
      LiveCheck live,
      AuditTrail audit,
      ScheduledExecutorService timers) {
    SessionStream stream = new SessionStream(caller, responses, sessions, live, audit);
    ScheduledFuture<?> hello =
        timers.schedule(stream::requireHello, HELLO_SECONDS, TimeUnit.SECONDS);
    responses.setOnReadyHandler(stream::drain);
    responses.setOnCancelHandler(() -> {
      hello.cancel(false);
      stream.over("the connection is gone");
    });
    return stream;
  }

  @Override
  public void onNext(SessionRequest request) {
    try {
      switch (request.getMessageCase()) {
        case HELLO -> hello(request);
        case ACKNOWLEDGEMENT ->
            opened().acknowledged(Messages.acknowledgement(request.getAcknowledgement()));
        case HEARTBEAT -> opened().heard();
        case PROBLEM -> problem(opened(), request.getProblem());
        // What a newer agent says and this server does not know.
        case MESSAGE_NOT_SET -> opened().heard();
      }
    } catch (RefusedException e) {
      end(e.refusal());
    }
  }

  private void hello(SessionRequest request) throws RefusedException {
    if (greeted) {
      throw malformed("a second Hello");
    }
    greeted = true;
    Acknowledgement state = Messages.acknowledgement(request.getHello().getState());
    // The stream may be older than its agent's successor, whose session must not end for it.
    live.requireWhileStoreAnswers(agent);
    Sessions.Session opened = sessions.open(agent, this, state);
    audit.record(
        new AuditEvent.SessionOpened(
            agent, caller, request.getHello().getAgentVersion(), state.pods().size()));
    session = Optional.of(opened);
    boolean tooLate;
    synchronized (lock) {
      tooLate = ended;
    }
    // Never under the lock: the registry calls this stream while it holds its own.
    if (tooLate) {
      over("it ended while it opened");
      return;
    }
    // Who was superseded since the last look has missed the call that ends older sessions.
    live.requireWhileStoreAnswers(agent);
  }

  private void problem(Sessions.Session opened, Problem problem) {
    opened.heard();
    audit.record(
        new AuditEvent.AgentProblem(
            agent, problem.getCode(), problem.getPodUid(), problem.getDetail()));
  }

  private Sessions.Session opened() throws RefusedException {
    return session.orElseThrow(() -> malformed("the first message is no Hello"));
  }

  private RefusedException malformed(String what) {
    return new RefusedException(RefusalReason.REQUEST_MALFORMED, agent.id() + ": " + what);
  }

  private void requireHello() {
    if (!greeted) {
      end(malformed("no Hello within " + HELLO_SECONDS + " s").refusal());
    }
  }

  @Override
  public void onError(Throwable error) {
    over("the connection is gone");
  }

  @Override
  public void onCompleted() {
    over("the agent ended it");
    synchronized (lock) {
      if (!ended) {
        ended = true;
        responses.onCompleted();
      }
    }
  }

  @Override
  public void bundle(TrustBundle bundle) {
    synchronized (lock) {
      if (bundle.revision() > sentRevision) {
        unsentBundle = Optional.of(bundle);
      }
    }
    drain();
  }

  @Override
  public void reissue(Set<String> authorityKeyIds) {
    synchronized (lock) {
      unsentOrder = Optional.of(authorityKeyIds);
    }
    drain();
  }

  @Override
  public void removal(String podUid, RemovalCause cause) {
    boolean stuck;
    synchronized (lock) {
      unsentRemovals.put(podUid, cause);
      stuck = unsentRemovals.size() > MOST_REMOVALS;
    }
    if (stuck) {
      end(Refusal.of(RefusalReason.OVERLOADED, agent.id() + " does not read its session"));
    }
    drain();
  }

  @Override
  public void end(Refusal why) {
    synchronized (lock) {
      if (ended) {
        return;
      }
      ended = true;
      responses.onError(
          session.isPresent() ? RefusalStatus.recorded(why) : new RefusedException(why));
    }
    over(why.reason().name());
  }

  private void over(String why) {
    Optional<Sessions.Session> open = session;
    open.ifPresent(Sessions.Session::closed);
    if (open.isPresent() && recordedEnd.compareAndSet(false, true)) {
      audit.record(new AuditEvent.SessionEnded(agent, caller, why));
    }
  }

  private void drain() {
    synchronized (lock) {
      if (unsentBundle.isPresent() && ready()) {
        TrustBundle bundle = unsentBundle.get();
        unsentBundle = Optional.empty();
        sentRevision = bundle.revision();
        responses.onNext(SessionResponse.newBuilder().setBundle(Messages.bundle(bundle)).build());
      }
      // After the bundle: what is issued in its place needs it.
      if (unsentOrder.isPresent() && unsentBundle.isEmpty() && ready()) {
        Set<String> order = unsentOrder.get();
        unsentOrder = Optional.empty();
        responses.onNext(SessionResponse.newBuilder().setReissue(Messages.reissue(order)).build());
      }
      var removals = unsentRemovals.entrySet().iterator();
      while (removals.hasNext() && ready()) {
        Map.Entry<String, RemovalCause> removal = removals.next();
        removals.remove();
        responses.onNext(
            SessionResponse.newBuilder()
                .setRemoval(Messages.removal(removal.getKey(), removal.getValue()))
                .build());
      }
    }
  }

  private boolean ready() {
    return !ended && !responses.isCancelled() && responses.isReady();
  }
}
