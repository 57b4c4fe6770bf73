package dev.signet.cli.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.cli.cluster.ClockReading;
import dev.signet.cli.cluster.Observed;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterChecksTest {
  private final TestCluster cluster = new TestCluster();

  @ParameterizedTest
  @CsvSource({
    "v1.37.0,       OK,   tier A and P",
    "v1.35.0,       OK,   tier A:",
    "v1.34.9-gke.1, OK,   tier B",
    "v1.30.0,       OK,   tier B",
    "v1.29.12+k0s,  FAIL, TOKEN_NODE_MISSING",
    "v1.27.0,       FAIL, tier C",
    "v1.26.3,       FAIL, older than all",
    "v2.0.0,        OK,   tier A and P",
  })
  void version_decidesTheTier(String version, Status status, String said) {
    cluster.version = Observed.seen(TestCluster.version(version));

    assertThat(cluster.status(Check.VERSION)).isEqualTo(status);
    assertThat(cluster.one(Check.VERSION).seen()).contains(version, said);
  }

  @ParameterizedTest
  @CsvSource({"0, OK", "9, OK", "-9, OK", "60, WARN", "-60, WARN", "400, FAIL", "-400, FAIL"})
  void clock_mayDifferAsFarAsCertificatesAllow(long seconds, Status status) {
    cluster.clock = reading(seconds);

    assertThat(cluster.status(Check.CLOCK)).isEqualTo(status);
  }

  @Test
  void clockThatIsBehind_isCalledSo() {
    cluster.clock = reading(-60);
    assertThat(cluster.one(Check.CLOCK).seen()).contains("59s behind this").contains("up to 5m");

    cluster.clock = reading(60);
    assertThat(cluster.one(Check.CLOCK).seen()).contains("1m ahead of this");
  }

  @Test
  void shortLife_leavesLessForClocks() {
    settings(Duration.ofMinutes(6), Optional.empty());
    cluster.clock = reading(200);

    assertThat(cluster.status(Check.CLOCK)).isEqualTo(Status.FAIL);
    assertThat(cluster.status(Check.CLOCK_TOLERANCE)).isEqualTo(Status.WARN);
    assertThat(cluster.one(Check.CLOCK_TOLERANCE).seen()).endsWith("by 2m only");
  }

  @Test
  void smallBackdate_leavesLessForClocks() {
    settings(Duration.ofHours(1), Optional.of(Duration.ofSeconds(30)));

    assertThat(cluster.one(Check.CLOCK_TOLERANCE).seen()).endsWith("by 30s only");
  }

  @Test
  void missingOrDeadDns_isSaid() {
    cluster.dns = OptionalInt.empty();
    assertThat(cluster.status(Check.DNS)).isEqualTo(Status.WARN);

    cluster.dns = OptionalInt.of(0);
    assertThat(cluster.status(Check.DNS)).isEqualTo(Status.FAIL);
  }

  private static Observed<ClockReading> reading(long lead) {
    return Observed.seen(
        new ClockReading(TestCluster.NOW.plusSeconds(lead), TestCluster.NOW, TestCluster.NOW));
  }

  private void settings(Duration ttl, Optional<Duration> backdate) {
    cluster.settings =
        Observed.seen(
            Optional.of(TestCluster.settings(Optional.empty(), Optional.of(ttl), backdate)));
  }
}
