package dev.signet.ca.adapter.grpc;

import dev.signet.ca.issuance.Refusal;
import dev.signet.ca.issuance.RefusalReason;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** How a refusal looks on the wire: its code and nothing more. */
final class RefusalStatus {
  static final Metadata.Key<String> REASON =
      Metadata.Key.of("signet-reason", Metadata.ASCII_STRING_MARSHALLER);
  // gRPC's own way to say when a call may be tried again (proposal A6).
  static final Metadata.Key<String> PUSHBACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  private RefusalStatus() {}

  static Status status(RefusalReason reason) {
    return code(reason.kind()).toStatus().withDescription(reason.name());
  }

  static Metadata trailers(Refusal refusal) {
    Metadata trailers = new Metadata();
    trailers.put(REASON, refusal.reason().name());
    refusal
        .retryAfter()
        .ifPresent(wait -> trailers.put(PUSHBACK, Long.toString(Math.max(1, wait.toMillis()))));
    return trailers;
  }

  /** For a refusal that stands in the audit trail already. */
  static StatusRuntimeException recorded(Refusal refusal) {
    return status(refusal.reason()).asRuntimeException(trailers(refusal));
  }

  private static Status.Code code(RefusalReason.Kind kind) {
    return switch (kind) {
      case INVALID_ARGUMENT -> Status.Code.INVALID_ARGUMENT;
      case UNAUTHENTICATED -> Status.Code.UNAUTHENTICATED;
      case PERMISSION_DENIED -> Status.Code.PERMISSION_DENIED;
      case RETRYABLE, UNAVAILABLE -> Status.Code.UNAVAILABLE;
      case INTERNAL -> Status.Code.INTERNAL;
    };
  }
}
