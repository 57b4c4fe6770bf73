package dev.signet.workload;

import dev.signet.workload.SourceStatus.Kind;
import dev.signet.workload.SourceStatus.Problem;
import io.grpc.Status;

/** What the end of a stream means. No code is an end for good. */
final class StreamEnds {

  private static final int MAX_DETAIL = 400;

  private StreamEnds() {}

  static Problem problem(Status status) {
    return new Problem(kind(status), detail(status));
  }

  /**
   * PERMISSION_DENIED may be retried (SPIFFE_Workload_Endpoint.md section 6: also sent before an
   * identity exists); INVALID_ARGUMENT and UNIMPLEMENTED should not be. Every other code, OK and
   * CANCELLED among them, is the end of one stream.
   */
  private static Kind kind(Status status) {
    return switch (status.getCode()) {
      case PERMISSION_DENIED, UNAUTHENTICATED -> Kind.REFUSED;
      case INVALID_ARGUMENT, UNIMPLEMENTED -> Kind.UNSUPPORTED;
      // The client's own end of a stream whose message it could not read.
      case CANCELLED -> status.getCause() == null ? Kind.UNAVAILABLE : Kind.INVALID_MESSAGE;
      default -> Kind.UNAVAILABLE;
    };
  }

  private static String detail(Status status) {
    StringBuilder text = new StringBuilder(status.getCode().toString());
    if (status.isOk()) {
      text.append(" (the agent ended the stream)");
    }
    if (status.getDescription() != null) {
      text.append(": ").append(status.getDescription());
    }
    if (status.getCause() != null && status.getCause().getMessage() != null) {
      text.append(": ").append(status.getCause().getMessage());
    }
    if (status.getCode() == Status.Code.RESOURCE_EXHAUSTED) {
      text.append(" (a message may have ")
          .append(WorkloadApiTransport.MAX_MESSAGE_BYTES)
          .append(" bytes; many federated trust domains make it large)");
    }
    return Printable.of(text.toString(), MAX_DETAIL);
  }
}
