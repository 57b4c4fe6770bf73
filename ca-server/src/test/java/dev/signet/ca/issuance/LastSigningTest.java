package dev.signet.ca.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** F25, T47. */
class LastSigningTest {
  private static final Instant LAST = Instant.parse("2026-11-01T12:00:00Z");

  @Test
  void keyThatNeverSigned_allowsAnyTime() {
    LastSigning never = new LastSigning(Optional.empty());

    assertThatCode(() -> never.check(Instant.EPOCH)).doesNotThrowAnyException();
  }

  @Test
  void clockBehindByTheAllowance_isBelieved() {
    LastSigning last = new LastSigning(Optional.of(LAST));

    assertThatCode(() -> last.check(LAST.minus(Duration.ofMinutes(5)))).doesNotThrowAnyException();
    assertThatCode(() -> last.check(LAST.plus(Duration.ofDays(3650)))).doesNotThrowAnyException();
  }

  @Test
  void clockFurtherBehind_isRefused() {
    LastSigning last = new LastSigning(Optional.of(LAST));

    assertThatThrownBy(() -> last.check(LAST.minus(Duration.ofMinutes(5)).minusMillis(1)))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> assertThat(e.refusal().reason()).isEqualTo(RefusalReason.CLOCK_BEHIND_RECORDS));
  }

  @Test
  void latest_isKept() {
    LastSigning last = new LastSigning(Optional.empty());
    last.recorded(LAST);
    last.recorded(LAST.minus(Duration.ofHours(1)));

    assertThatThrownBy(() -> last.check(LAST.minus(Duration.ofMinutes(30))))
        .isInstanceOf(RefusedException.class);
  }
}
