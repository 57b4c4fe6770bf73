package dev.signet.agent.adapter.ca;

import dev.signet.agent.svid.Refusal;
import io.grpc.Metadata;
import io.grpc.Status;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The CA's "no", out of its forms on the wire. */
final class Refusals {
  static final Metadata.Key<String> REASON =
      Metadata.Key.of("signet-reason", Metadata.ASCII_STRING_MARSHALLER);

  /** "Not before so many milliseconds" (gRPC proposal A6), where the CA knows. */
  static final Metadata.Key<String> PUSHBACK =
      Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

  /** Longer than this no CA means it. */
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

  private static final Pattern MILLIS = Pattern.compile("[0-9]{1,15}");
  private static final Pattern CODE = Pattern.compile("[A-Z][A-Z0-9_]{0,63}");

  private Refusals() {}

  /** A refused item of a batch. */
  static Refusal of(dev.signet.proto.agent.v1.Refusal refusal) {
    Optional<Duration> wait =
        refusal.hasRetryAfter()
            ? Optional.of(
                bounded(refusal.getRetryAfter().getSeconds(), refusal.getRetryAfter().getNanos()))
            : Optional.empty();
    return new Refusal(
        code(refusal.getReason(), "REASON_UNREADABLE"), refusal.getRetryable(), wait);
  }

  private static Duration bounded(long seconds, int nanos) {
    long whole = Math.clamp(seconds, 0, LONGEST_WAIT.toSeconds());
    return Duration.ofSeconds(whole, Math.clamp(nanos, 0, 999_999_999));
  }

  /** A call that ended with an error. */
  static Refusal of(Throwable error) {
    Status status = Status.fromThrowable(error);
    Metadata trailers = Status.trailersFromThrowable(error);
    String given = trailers == null ? null : trailers.get(REASON);
    String fallback = notTrusted(status.getCause()) ? "CA_NOT_TRUSTED" : fallback(status.getCode());
    return new Refusal(
        code(given, fallback),
        retryable(status.getCode()),
        trailers == null ? Optional.empty() : pushback(trailers));
  }

  private static Optional<Duration> pushback(Metadata trailers) {
    String millis = trailers.get(PUSHBACK);
    return millis != null && MILLIS.matcher(millis).matches()
        ? Optional.of(Duration.ofMillis(Math.min(Long.parseLong(millis), LONGEST_WAIT.toMillis())))
        : Optional.empty();
  }

  private static String fallback(Status.Code code) {
    return switch (code) {
      case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED -> Refusal.CA_UNREACHABLE;
      default -> "CA_ANSWERED_" + code;
    };
  }

  private static boolean retryable(Status.Code code) {
    return switch (code) {
      case UNAUTHENTICATED,
          PERMISSION_DENIED,
          INVALID_ARGUMENT,
          FAILED_PRECONDITION,
          NOT_FOUND,
          ALREADY_EXISTS,
          OUT_OF_RANGE,
          UNIMPLEMENTED ->
          false;
      default -> true;
    };
  }

  private static boolean notTrusted(@Nullable Throwable cause) {
    for (Throwable at = cause; at != null; at = at.getCause()) {
      if (at instanceof CertificateException) {
        return true;
      }
    }
    return false;
  }

  private static String code(@Nullable String text, String fallback) {
    return text != null && CODE.matcher(text).matches() ? text : fallback;
  }
}
