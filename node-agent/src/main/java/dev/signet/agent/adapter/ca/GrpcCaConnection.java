package dev.signet.agent.adapter.ca;

import dev.signet.agent.loop.AgentLoop;
import dev.signet.agent.svid.Refusal;
import dev.signet.agent.svid.SvidAuthority;
import dev.signet.agent.svid.SvidRequest;
import dev.signet.agent.upstream.CaConnection;
import dev.signet.agent.upstream.CaSession;
import dev.signet.agent.upstream.SessionEvents;
import dev.signet.agent.upstream.SessionReport;
import dev.signet.proto.agent.v1.CertificateAuthorityServiceGrpc;
import dev.signet.proto.agent.v1.CertificateAuthorityServiceGrpc.CertificateAuthorityServiceStub;
import dev.signet.proto.agent.v1.IssueX509SvidsRequest;
import dev.signet.proto.agent.v1.IssueX509SvidsResponse;
import dev.signet.spiffe.SpiffeException;
import dev.signet.spiffe.TrustDomain;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One channel to the CA under one SVID. */
final class GrpcCaConnection implements CaConnection {
  private static final Duration ISSUE_DEADLINE = Duration.ofSeconds(30);
  private static final Logger log = LoggerFactory.getLogger(GrpcCaConnection.class);

  private final TrustDomain trustDomain;
  private final AgentLoop loop;
  private final ManagedChannel channel;
  private final CertificateAuthorityServiceStub stub;
  private final String version;

  GrpcCaConnection(
      TrustDomain trustDomain, AgentLoop loop, ManagedChannel channel, String version) {
    this.trustDomain = trustDomain;
    this.loop = loop;
    this.channel = channel;
    this.stub = CertificateAuthorityServiceGrpc.newStub(channel);
    this.version = version;
  }

  @Override
  public void issue(List<SvidRequest> batch, SvidAuthority.Answers answers) {
    var request = IssueX509SvidsRequest.newBuilder();
    for (int i = 0; i < batch.size(); i++) {
      request.addItems(CaMessages.item(i, batch.get(i)));
    }
    stub.withDeadlineAfter(ISSUE_DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
        .issueX509Svids(request.build(), new AnswerStream(answers));
  }

  @Override
  public CaSession open(SessionReport state, SessionEvents events) {
    // The session has a back-off of its own; gRPC's grows to two minutes, which is no recovery.
    channel.resetConnectBackoff();
    var session = new GrpcCaSession(trustDomain, loop, events);
    stub.session(session);
    session.hello(version, state);
    return session;
  }

  @Override
  public void drain() {
    channel.shutdown();
    loop.after(ISSUE_DEADLINE.plusSeconds(5), channel::shutdownNow);
  }

  /** The answers of one call, handed to the loop one by one. */
  private final class AnswerStream implements StreamObserver<IssueX509SvidsResponse> {
    private final SvidAuthority.Answers answers;

    AnswerStream(SvidAuthority.Answers answers) {
      this.answers = answers;
    }

    @Override
    public void onNext(IssueX509SvidsResponse answer) {
      int index = answer.getId();
      switch (answer.getOutcomeCase()) {
        case SVID -> granted(index, answer.getSvid());
        case REFUSAL -> refused(index, Refusals.of(answer.getRefusal()));
        case OUTCOME_NOT_SET -> refused(index, Refusal.passing(Refusal.ANSWER_INVALID));
      }
    }

    private void granted(int index, dev.signet.proto.agent.v1.X509Svid svid) {
      List<X509Certificate> chain;
      try {
        chain = CaMessages.chain(svid);
      } catch (SpiffeException e) {
        log.error("The CA sent certificates that cannot be read: {}", e.getMessage());
        refused(index, Refusal.passing(Refusal.ANSWER_INVALID));
        return;
      }
      loop.execute(() -> answers.granted(index, chain));
    }

    private void refused(int index, Refusal refusal) {
      loop.execute(() -> answers.refused(index, refusal));
    }

    @Override
    public void onError(Throwable error) {
      Refusal failure = Refusals.of(error);
      loop.execute(() -> answers.ended(failure));
    }

    @Override
    public void onCompleted() {
      loop.execute(() -> answers.ended(Refusal.passing(Refusal.ANSWER_INVALID)));
    }
  }
}
