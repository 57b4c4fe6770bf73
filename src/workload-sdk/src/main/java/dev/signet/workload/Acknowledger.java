package dev.signet.workload;

import com.google.protobuf.ByteString;
import dev.signet.proto.agent.v1.AcknowledgeRequest;
import dev.signet.proto.agent.v1.AcknowledgeResponse;
import dev.signet.proto.agent.v1.AcknowledgementServiceGrpc;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Bundle;
import dev.signet.workload.WorkloadApiClient.Receiver;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a Signet agent what is loaded, on the connection that it came over. The rotation of a trust
 * root waits for it, so a lost acknowledgement is sent again for as long as it is true and the
 * connection lives.
 *
 * <p>An agent of another make answers UNIMPLEMENTED: it is left in peace for the rest of the
 * connection.
 *
 * <p>Confined to the source's executor.
 */
final class Acknowledger {

  private static final Logger LOG = LoggerFactory.getLogger(Acknowledger.class);
  private static final Duration DEADLINE = Duration.ofSeconds(5);

  private final AcknowledgementServiceGrpc.AcknowledgementServiceStub stub;
  private final SourceRuntime runtime;
  private final Receiver receiver;
  private final Backoff backoff;

  private @Nullable AcknowledgeRequest wanted;
  private @Nullable AcknowledgeRequest settled;
  private boolean inFlight;
  private boolean ended;

  Acknowledger(ManagedChannel connection, SourceRuntime runtime, Receiver receiver) {
    this.stub = AcknowledgementServiceGrpc.newStub(connection);
    this.runtime = runtime;
    this.receiver = receiver;
    this.backoff = runtime.newBackoff();
  }

  /** To be called once the managers use the context. */
  void loaded(X509Context context) {
    TrustDomain own = context.svid().id().trustDomain();
    byte[] digest = context.bundles().bundle(own).map(X509Bundle::digest).orElseThrow();
    wanted =
        AcknowledgeRequest.newBuilder()
            .setBundleDigest(ByteString.copyFrom(digest))
            .setSerial(context.svid().serial())
            .build();
    send();
  }

  void end() {
    ended = true;
  }

  private void send() {
    AcknowledgeRequest request = wanted;
    if (ended || inFlight || request == null || request.equals(settled)) {
      return;
    }
    inFlight = true;
    stub.withDeadlineAfter(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
        .acknowledge(request, new Answer(request));
  }

  private void failed(AcknowledgeRequest request, Status status) {
    if (ended) {
      return;
    }
    LOG.debug("acknowledgement of what is loaded: {}", StreamEnds.problem(status).detail());
    switch (status.getCode()) {
      case UNIMPLEMENTED -> end();
      case INVALID_ARGUMENT, PERMISSION_DENIED, UNAUTHENTICATED, FAILED_PRECONDITION -> {
        // Said once is enough: the agent does not want to hear this one.
        settled = request;
        send();
      }
      default -> {
        Future<?> unused =
            runtime.executor().schedule(this::send, backoff.next().toNanos(), TimeUnit.NANOSECONDS);
      }
    }
  }

  private final class Answer implements StreamObserver<AcknowledgeResponse> {
    private final AcknowledgeRequest request;

    Answer(AcknowledgeRequest request) {
      this.request = request;
    }

    @Override
    public void onNext(AcknowledgeResponse response) {
      settled = request;
      backoff.worked();
      if (!ended) {
        receiver.acknowledged(response.getRevision());
      }
    }

    @Override
    public void onError(Throwable failure) {
      inFlight = false;
      failed(request, Status.fromThrowable(failure));
    }

    @Override
    public void onCompleted() {
      inFlight = false;
      send();
    }
  }
}
