package dev.signet.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClockReadingTest {

  /** Asked at 0 s, answered at 3 s: a server that says 0 to 3 may be in time. */
  @ParameterizedTest
  @CsvSource({"0, 0", "1, 0", "3, 0", "-1, 0", "9, 6", "-9, -8"})
  void lead_isWhatIsCertain(long said, long lead) {
    Instant at = Instant.parse("2026-01-01T00:00:00Z");

    assertThat(new ClockReading(at.plusSeconds(said), at, at.plusSeconds(3)).lead())
        .isEqualTo(Duration.ofSeconds(lead));
  }
}
