package dev.signet.agent.adapter.ca;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import dev.signet.agent.svid.Refusal;
import io.grpc.Metadata;
import io.grpc.Status;
import java.security.cert.CertificateException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RefusalsTest {

  @ParameterizedTest
  @CsvSource({
    "UNAVAILABLE, true, CA_UNREACHABLE",
    "DEADLINE_EXCEEDED, true, CA_UNREACHABLE",
    "CANCELLED, true, CA_UNREACHABLE",
    "RESOURCE_EXHAUSTED, true, CA_ANSWERED_RESOURCE_EXHAUSTED",
    "INTERNAL, true, CA_ANSWERED_INTERNAL",
    "UNAUTHENTICATED, false, CA_ANSWERED_UNAUTHENTICATED",
    "PERMISSION_DENIED, false, CA_ANSWERED_PERMISSION_DENIED",
    "INVALID_ARGUMENT, false, CA_ANSWERED_INVALID_ARGUMENT"
  })
  void status_tellsWhetherToTryAgain(Status.Code code, boolean retryable, String reason) {
    Refusal refusal = Refusals.of(code.toStatus().asRuntimeException());

    assertThat(refusal.retryable()).isEqualTo(retryable);
    assertThat(refusal.reason()).isEqualTo(reason);
  }

  @Test
  void reasonInTheTrailers_isTaken() {
    var trailers = new Metadata();
    trailers.put(Refusals.REASON, "AGENT_NOT_LIVE");

    assertThat(Refusals.of(Status.UNAVAILABLE.asRuntimeException(trailers)).reason())
        .isEqualTo("AGENT_NOT_LIVE");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "lower", "WITH SPACE", "1ST", "A{injected=\"1\"}"})
  void reasonThatIsNoCode_isNot(String text) {
    var trailers = new Metadata();
    trailers.put(Refusals.REASON, text);

    assertThat(Refusals.of(Status.UNAVAILABLE.asRuntimeException(trailers)).reason())
        .isEqualTo("CA_UNREACHABLE");
  }

  @Test
  void serverThatWasNotTrusted_isToldApartFromOneThatIsAway() {
    var error =
        Status.UNAVAILABLE
            .withCause(new IllegalStateException(new CertificateException("not the CA")))
            .asRuntimeException();

    assertThat(Refusals.of(error).reason()).isEqualTo("CA_NOT_TRUSTED");
  }

  @ParameterizedTest
  @CsvSource({"1000, 1000", "0, 0", "999999999999, 300000"})
  void pushbackOfACall_isTheLeastWait(String text, long millis) {
    assertThat(Refusals.of(overloaded(text)).retryAfter())
        .hasValue(java.time.Duration.ofMillis(millis));
  }

  /**
   * A negative pushback is gRPC's word for "do not retry"; the refusal's code decides that here.
   */
  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "1.5", "soon", "99999999999999999999999"})
  void pushbackThatIsNoWait_isNone(String text) {
    assertThat(Refusals.of(overloaded(text)).retryAfter()).isEmpty();
  }

  private static Throwable overloaded(String pushback) {
    var trailers = new Metadata();
    trailers.put(Refusals.REASON, "OVERLOADED");
    trailers.put(Refusals.PUSHBACK, pushback);
    return Status.UNAVAILABLE.asRuntimeException(trailers);
  }

  @ParameterizedTest
  @CsvSource({"-5, 0, 0", "2, 500000000, 2500", "999999999999, 0, 300000", "0, -7, 0"})
  void waitOfAnItem_isBounded(long seconds, int nanos, long millis) {
    var item =
        dev.signet.proto.agent.v1.Refusal.newBuilder()
            .setReason("SHED")
            .setRetryable(true)
            .setRetryAfter(Duration.newBuilder().setSeconds(seconds).setNanos(nanos))
            .build();

    assertThat(Refusals.of(item).retryAfter()).hasValue(java.time.Duration.ofMillis(millis));
  }
}
