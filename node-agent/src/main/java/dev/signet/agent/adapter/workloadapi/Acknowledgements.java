package dev.signet.agent.adapter.workloadapi;

import dev.signet.proto.agent.v1.AcknowledgeRequest;
import dev.signet.proto.agent.v1.AcknowledgeResponse;
import dev.signet.proto.agent.v1.AcknowledgementServiceGrpc;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.regex.Pattern;

/** Takes a client's word for what it has loaded. */
final class Acknowledgements extends AcknowledgementServiceGrpc.AcknowledgementServiceImplBase {
  private static final int DIGEST_BYTES = 32;

  /** 20 octets at most (RFC 5280 4.1.2.2), as hex without leading zeros. */
  private static final Pattern SERIAL = Pattern.compile("[0-9a-f]{0,40}");

  private final PodSocket socket;

  Acknowledgements(PodSocket socket) {
    this.socket = socket;
  }

  @Override
  public void acknowledge(AcknowledgeRequest request, StreamObserver<AcknowledgeResponse> answer) {
    if (request.getBundleDigest().size() != DIGEST_BYTES) {
      answer.onError(refusal("bundle_digest is a SHA-256: 32 bytes"));
      return;
    }
    if (!SERIAL.matcher(request.getSerial()).matches()) {
      answer.onError(refusal("serial is lower-case hex, at most 40 digits"));
      return;
    }
    long revision =
        socket.acknowledged(
            CallPeer.current(), request.getBundleDigest().toByteArray(), request.getSerial());
    answer.onNext(AcknowledgeResponse.newBuilder().setRevision(revision).build());
    answer.onCompleted();
  }

  private static RuntimeException refusal(String why) {
    return Status.INVALID_ARGUMENT.withDescription(why).asRuntimeException();
  }
}
