package dev.signet.cli.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.cli.cluster.CsiDriverFact;
import dev.signet.cli.cluster.CsiDriverFact.TokenRequest;
import dev.signet.cli.cluster.Observed;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DriverChecksTest {
  private static final List<TokenRequest> TOKENS =
      TestCluster.driver("shop.example").tokenRequests();
  private final TestCluster cluster = new TestCluster();

  private void driver(CsiDriverFact driver) {
    cluster.driver = Observed.seen(Optional.of(driver));
  }

  private static CsiDriverFact asking(List<TokenRequest> requests) {
    return new CsiDriverFact(false, true, true, true, "None", List.of("Ephemeral"), requests);
  }

  @Test
  void missingDriver_failsInAnInstallation() {
    cluster.driver = Observed.seen(Optional.empty());

    assertThat(cluster.status(Check.CSI_DRIVER)).isEqualTo(Status.FAIL);
    assertThat(cluster.one(Check.CSI_DRIVER).seen())
        .contains("there is no CSIDriver csi.signet.dev");
    assertThat(cluster.status(Check.CSI_AUDIENCE)).isEqualTo(Status.UNKNOWN);
  }

  @Test
  void everyWrongField_isAFindingOfItsOwn() {
    driver(new CsiDriverFact(true, false, false, true, "File", List.of("Persistent"), TOKENS));

    assertThat(cluster.of(Check.CSI_DRIVER))
        .hasSize(5)
        .allSatisfy(finding -> assertThat(finding.status()).isEqualTo(Status.FAIL))
        .extracting(Finding::mend)
        .anyMatch(mend -> mend.endsWith("--type=merge -p '{\"spec\":{\"podInfoOnMount\":true}}'"))
        .anyMatch(mend -> mend.contains("kubectl delete csidriver"));
  }

  @Test
  void tokensAmongTheVolumesValues_areAWarning_whereTheClusterKnowsBetter() {
    driver(new CsiDriverFact(false, true, true, false, "None", List.of("Ephemeral"), TOKENS));
    assertThat(cluster.status(Check.CSI_DRIVER)).isEqualTo(Status.WARN);

    cluster.version = Observed.seen(TestCluster.version("v1.34.2"));
    assertThat(cluster.status(Check.CSI_DRIVER)).isEqualTo(Status.OK);
  }

  @Test
  void audienceOfAnotherTrustDomain_fails() {
    driver(TestCluster.driver("other.example"));

    assertThat(cluster.status(Check.CSI_AUDIENCE)).isEqualTo(Status.FAIL);
    assertThat(cluster.one(Check.CSI_AUDIENCE).mend())
        .contains("\"audience\":\"signet://shop.example/workload\"");
  }

  @Test
  void audienceThatIsNoneOfSignets_failsWithoutATrustDomainToo() {
    cluster.expectedTrustDomain = Optional.empty();
    cluster.settings = Observed.seen(Optional.empty());
    driver(asking(List.of(new TokenRequest("vault", OptionalLong.empty()))));

    assertThat(cluster.status(Check.CSI_AUDIENCE)).isEqualTo(Status.FAIL);
  }

  @Test
  void twoAudiences_fail() {
    driver(asking(List.of(TOKENS.getFirst(), new TokenRequest("vault", OptionalLong.empty()))));

    assertThat(cluster.status(Check.CSI_AUDIENCE)).isEqualTo(Status.FAIL);
  }

  @Test
  void shortTokens_fail() {
    driver(
        asking(List.of(new TokenRequest("signet://shop.example/workload", OptionalLong.of(300)))));

    assertThat(cluster.one(Check.CSI_AUDIENCE).seen()).contains("300 s");
    assertThat(cluster.status(Check.CSI_AUDIENCE)).isEqualTo(Status.FAIL);
  }

  @Test
  void longTokens_fail_whereAgentsReview() {
    driver(
        asking(List.of(new TokenRequest("signet://shop.example/workload", OptionalLong.of(7201)))));
    assertThat(cluster.status(Check.CSI_AUDIENCE)).isEqualTo(Status.OK);

    cluster.review = Optional.of(Expectations.ReviewBy.AGENT);

    assertThat(cluster.status(Check.CSI_AUDIENCE)).isEqualTo(Status.FAIL);
    assertThat(cluster.one(Check.CSI_AUDIENCE).seen()).contains("7200 s");
  }

  @Test
  void nodeThatTaintsKeepAgentsFrom_isAWarning() {
    cluster.nodes.add(
        TestCluster.with(
            TestCluster.tainted("node-c", "gpu:NoSchedule"),
            cluster.nodes.getFirst().system(),
            Set.of()));

    assertThat(cluster.status(Check.CSI_REGISTERED)).isEqualTo(Status.WARN);
  }

  @Test
  void kubeletThatDoesNotKnowAReadyAgent_pointsToItsFolder() {
    unregisterNodeB();

    Finding finding = cluster.one(Check.CSI_REGISTERED);
    assertThat(finding.status()).isEqualTo(Status.FAIL);
    assertThat(finding.seen()).contains("node-b").doesNotContain("node-a");
    assertThat(finding.mend()).contains("--root-dir");
  }

  @Test
  void nodeWithoutAnAgent_isLeftToThatCheck() {
    cluster.signetPods.removeIf(pod -> pod.node().equals("node-b"));
    unregisterNodeB();

    assertThat(cluster.one(Check.CSI_REGISTERED).mend()).isEqualTo("see agents");
    assertThat(cluster.one(Check.AGENTS).seen()).contains("node-b (no pod)");
  }

  private void unregisterNodeB() {
    cluster.nodes.set(
        1, TestCluster.with(cluster.nodes.get(1), cluster.nodes.get(1).system(), Set.of()));
  }
}
