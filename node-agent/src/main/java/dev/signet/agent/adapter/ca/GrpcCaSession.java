package dev.signet.agent.adapter.ca;

import dev.signet.agent.loop.AgentLoop;
import dev.signet.agent.pod.PodUid;
import dev.signet.agent.svid.Refusal;
import dev.signet.agent.upstream.CaSession;
import dev.signet.agent.upstream.SessionEvents;
import dev.signet.agent.upstream.SessionProblem;
import dev.signet.agent.upstream.SessionReport;
import dev.signet.proto.agent.v1.Heartbeat;
import dev.signet.proto.agent.v1.Hello;
import dev.signet.proto.agent.v1.Problem;
import dev.signet.proto.agent.v1.Removal;
import dev.signet.proto.agent.v1.SessionRequest;
import dev.signet.proto.agent.v1.SessionResponse;
import dev.signet.spiffe.SpiffeException;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Bundle;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One Session call. Its way up belongs to the loop; what comes down is handed to the loop. */
final class GrpcCaSession
    implements CaSession, ClientResponseObserver<SessionRequest, SessionResponse> {
  /**
   * Messages that may wait for a CA that does not read; with one more the session starts anew.
   * Reports wait for {@link #ready}: these are heartbeats and problems.
   */
  private static final int MAX_WAITING = 16;

  private final TrustDomain trustDomain;
  private final AgentLoop loop;
  private final SessionEvents events;
  private @Nullable ClientCallStreamObserver<SessionRequest> up;
  private int waiting;
  private boolean cancelled;
  private boolean over;

  GrpcCaSession(TrustDomain trustDomain, AgentLoop loop, SessionEvents events) {
    this.trustDomain = trustDomain;
    this.loop = loop;
    this.events = events;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<SessionRequest> requests) {
    up = requests;
    requests.setOnReadyHandler(() ->
        loop.execute(() -> {
          if (!over) {
            events.ready();
          }
        }));
  }

  void hello(String version, SessionReport state) {
    send(
        SessionRequest.newBuilder()
            .setHello(
                Hello.newBuilder()
                    .setAgentVersion(version)
                    .setState(CaMessages.acknowledgement(state)))
            .build());
  }

  @Override
  public boolean ready() {
    return !over && !cancelled && requests().isReady();
  }

  @Override
  public void report(SessionReport changes) {
    send(
        SessionRequest.newBuilder()
            .setAcknowledgement(CaMessages.acknowledgement(changes))
            .build());
  }

  @Override
  public void heartbeat() {
    send(SessionRequest.newBuilder().setHeartbeat(Heartbeat.getDefaultInstance()).build());
  }

  @Override
  public void problem(SessionProblem problem) {
    send(
        SessionRequest.newBuilder()
            .setProblem(Problem.newBuilder().setCode(problem.code()).setDetail(problem.detail()))
            .build());
  }

  @Override
  public void close() {
    if (!over && !cancelled) {
      requests().onCompleted();
    }
    over = true;
  }

  @Override
  public void abandon() {
    if (!over && !cancelled) {
      cancelled = true;
      requests().cancel("the CA sent no bundle", null);
    }
    over = true;
  }

  private ClientCallStreamObserver<SessionRequest> requests() {
    return Objects.requireNonNull(up, "the call has started");
  }

  private void send(SessionRequest message) {
    if (over || cancelled) {
      return;
    }
    waiting = requests().isReady() ? 0 : waiting + 1;
    if (waiting > MAX_WAITING) {
      cancelled = true;
      requests().cancel("the CA does not read", null);
      return;
    }
    requests().onNext(message);
  }

  @Override
  public void onNext(SessionResponse message) {
    switch (message.getMessageCase()) {
      case BUNDLE -> bundle(message);
      case REMOVAL -> removal(message.getRemoval());
      case REISSUE -> {
        Set<String> issuers = CaMessages.issuers(message.getReissue());
        loop.execute(() -> events.reissue(issuers));
      }
      case MESSAGE_NOT_SET -> {
        // A newer CA's message: what this agent does not know it does not need.
      }
    }
  }

  private void bundle(SessionResponse message) {
    X509Bundle bundle;
    try {
      bundle = CaMessages.bundle(trustDomain, message.getBundle());
    } catch (SpiffeException e) {
      String why = Objects.requireNonNullElse(e.getMessage(), e.toString());
      loop.execute(() -> events.unreadableBundle(why));
      return;
    }
    long revision = message.getBundle().getRevision();
    loop.execute(() -> events.bundle(revision, bundle));
  }

  private void removal(Removal removal) {
    PodUid pod;
    try {
      pod = new PodUid(removal.getPodUid());
    } catch (IllegalArgumentException noPod) {
      return;
    }
    String cause = removal.getCause().name();
    loop.execute(() -> events.removal(pod, cause));
  }

  @Override
  public void onError(Throwable error) {
    end(Refusals.of(error));
  }

  @Override
  public void onCompleted() {
    end(Refusals.of(Status.UNAVAILABLE.asRuntimeException()));
  }

  private void end(Refusal cause) {
    loop.execute(() -> {
      if (!over) {
        over = true;
        events.ended(cause);
      }
    });
  }
}
