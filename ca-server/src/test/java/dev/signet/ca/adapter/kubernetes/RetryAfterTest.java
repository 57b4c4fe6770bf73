package dev.signet.ca.adapter.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryAfterTest {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final RetryAfter retryAfter = new RetryAfter(nanos::get);

  @Test
  void nothingNoted_noPause() {
    assertThat(retryAfter.remaining()).isEmpty();
  }

  @Test
  void pause_runsOut_alsoWhereTheCounterWrapsAround() {
    retryAfter.note("3");

    assertThat(retryAfter.remaining()).contains(Duration.ofSeconds(3));
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    assertThat(retryAfter.remaining()).contains(Duration.ofSeconds(1));
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    assertThat(retryAfter.remaining()).isEmpty();
  }

  @Test
  void shorterWishLater_doesNotShorten() {
    retryAfter.note("10");
    retryAfter.note("1");

    assertThat(retryAfter.remaining()).contains(Duration.ofSeconds(10));
  }

  @ParameterizedTest
  @CsvSource({"0,1", "1,1", "59,59", "86400,60", "-1,1", "soon,1", "'',1", "99999999999,1"})
  void header_bounded(String header, long seconds) {
    assertThat(retryAfter.note(header)).isEqualTo(Duration.ofSeconds(seconds));
  }
}
