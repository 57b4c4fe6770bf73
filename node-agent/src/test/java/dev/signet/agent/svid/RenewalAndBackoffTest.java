package dev.signet.agent.svid;

import static dev.signet.agent.testing.Fixtures.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class RenewalAndBackoffTest {

  @Property
  void renewalPoint_isBetween40And60PercentOfLife(
      @ForAll long seed, @ForAll @LongRange(min = 10, max = 90_000) long seconds) {
    Duration point = RenewalPoint.draw(NOW, NOW.plusSeconds(seconds), new Random(seed));

    assertThat(point).isBetween(Duration.ofMillis(seconds * 400), Duration.ofMillis(seconds * 600));
  }

  @Test
  void renewalPoints_spreadOverAFifthOfLife() {
    var random = new Random(3);
    Duration least = Duration.ofHours(1);
    Duration most = Duration.ZERO;
    for (int i = 0; i < 1_000; i++) {
      Duration point = RenewalPoint.draw(NOW, NOW.plusSeconds(3_600), random);
      least = point.compareTo(least) < 0 ? point : least;
      most = point.compareTo(most) > 0 ? point : most;
    }
    assertThat(most.minus(least)).isGreaterThan(Duration.ofMinutes(11));
  }

  @Property
  void backOff_isAnyTimeUpToItsBound(@ForAll long seed) {
    var backoff = new Backoff(new Random(seed), Duration.ofMillis(500), Duration.ofSeconds(30));
    for (int failure = 0; failure < 70; failure++) {
      long bound = failure < 6 ? 500L << failure : 30_000;
      assertThat(backoff.next(Optional.empty())).isBetween(Duration.ZERO, Duration.ofMillis(bound));
    }
    backoff.reset();
    assertThat(backoff.next(Optional.empty())).isLessThanOrEqualTo(Duration.ofMillis(500));
    assertThat(backoff.next(Optional.of(Duration.ofSeconds(40))))
        .isGreaterThanOrEqualTo(Duration.ofSeconds(40));
  }
}
