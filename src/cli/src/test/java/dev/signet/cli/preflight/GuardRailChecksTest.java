package dev.signet.cli.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.cli.cluster.Observed;
import dev.signet.cli.cluster.ServerMetrics;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GuardRailChecksTest {
  private final TestCluster cluster = new TestCluster();

  @Test
  void nodeRestriction_isOneOfThePluginsThatRun() {
    cluster.metrics = Observed.seen(new ServerMetrics(Map.of(), Set.of("ServiceAccount")));
    assertThat(cluster.status(Check.NODE_RESTRICTION)).isEqualTo(Status.FAIL);

    cluster.metrics = Observed.seen(new ServerMetrics(Map.of(), Set.of()));
    assertThat(cluster.status(Check.NODE_RESTRICTION)).isEqualTo(Status.UNKNOWN);
  }

  @ParameterizedTest
  @CsvSource({
    "v1.33.0, on,       OK",
    "v1.33.0, off,      WARN",
    "v1.33.0, unlisted, UNKNOWN",
    "v1.36.3, unlisted, UNKNOWN",
    "v1.38.0, unlisted, OK",
    "v1.38.0, silent,   UNKNOWN",
    "v1.32.1, on,       OK",
    "v1.31.1, unlisted, WARN",
  })
  void audienceRestriction_isAGate(String version, String gate, Status status) {
    Map<String, Boolean> features =
        switch (gate) {
          case "silent" -> Map.of();
          case "unlisted" -> Map.of("Other", true);
          default -> Map.of("ServiceAccountNodeAudienceRestriction", gate.equals("on"));
        };
    cluster.version = Observed.seen(TestCluster.version(version));
    cluster.metrics = Observed.seen(new ServerMetrics(features, Set.of()));

    assertThat(cluster.status(Check.AUDIENCE_RESTRICTION)).isEqualTo(status);
  }

  @Test
  void missingApis_areSaid() {
    cluster.admission = Set.of("v1/validatingwebhookconfigurations");
    cluster.groups = Map.of("flowcontrol.apiserver.k8s.io", Set.of("v1beta3"));

    assertThat(cluster.status(Check.ADMISSION_POLICIES)).isEqualTo(Status.FAIL);
    assertThat(cluster.one(Check.MUTATING_POLICIES).seen()).contains("injectVolume");
    assertThat(cluster.status(Check.FLOW_CONTROL)).isEqualTo(Status.WARN);
  }

  @Test
  void mutatingPolicies_mayBeBeta() {
    cluster.admission =
        Set.of("v1/validatingadmissionpolicies", "v1beta1/mutatingadmissionpolicies");

    assertThat(cluster.one(Check.MUTATING_POLICIES).seen()).contains("as v1beta1");
  }
}
