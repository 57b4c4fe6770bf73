package dev.signet.ca.adapter.admin;

import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.rotation.RotationRefusal;
import dev.signet.ca.rotation.RotationRefusedException;
import dev.signet.process.message.Printable;
import dev.signet.proto.admin.v1.Refusal;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;

/** How a refusal looks on an operator's wire: its code, and all that an operator may know of it. */
final class AdminRefusals {
  private static final Metadata.Key<String> REASON =
      Metadata.Key.of("signet-reason", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<Refusal> REFUSAL =
      Metadata.Key.of(
          "signet-refusal-bin", ProtoUtils.metadataMarshaller(Refusal.getDefaultInstance()));

  private AdminRefusals() {}

  static Refusal message(RefusedException refused) {
    RefusalReason reason = refused.refusal().reason();
    return message(reason.name(), refused.refusal().detail(), reason.hint());
  }

  static Refusal message(RotationRefusedException refused) {
    RotationRefusal reason = refused.reason();
    return message(reason.name(), String.valueOf(refused.getMessage()), reason.hint());
  }

  /** What was not foreseen; the log has it. */
  static Refusal unforeseen() {
    RefusalReason reason = RefusalReason.INTERNAL_ERROR;
    return message(reason.name(), "", reason.hint());
  }

  /** Within what the metadata of a call may hold, whatever a detail says. */
  private static Refusal message(String reason, String detail, String hint) {
    return Refusal.newBuilder()
        .setReason(reason)
        .setDetail(Printable.line(detail))
        .setHint(hint)
        .build();
  }

  static StatusRuntimeException status(RotationRefusedException refused) {
    return status(Status.Code.FAILED_PRECONDITION, message(refused));
  }

  static StatusRuntimeException status(RefusedException refused) {
    Status.Code code =
        switch (refused.refusal().reason().kind()) {
          case INVALID_ARGUMENT -> Status.Code.INVALID_ARGUMENT;
          case UNAUTHENTICATED -> Status.Code.UNAUTHENTICATED;
          case PERMISSION_DENIED -> Status.Code.PERMISSION_DENIED;
          case RETRYABLE, UNAVAILABLE -> Status.Code.UNAVAILABLE;
          case INTERNAL -> Status.Code.INTERNAL;
        };
    return status(code, message(refused));
  }

  static StatusRuntimeException status(Status.Code code, Refusal refusal) {
    Metadata trailers = new Metadata();
    trailers.put(REASON, refusal.getReason());
    trailers.put(REFUSAL, refusal);
    return code.toStatus().withDescription(refusal.getReason()).asRuntimeException(trailers);
  }
}
