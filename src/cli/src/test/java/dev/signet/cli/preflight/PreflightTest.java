package dev.signet.cli.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.cli.cluster.ClusterFacts;
import dev.signet.cli.cluster.ClusterReader;
import dev.signet.cli.cluster.InstallationFacts;
import dev.signet.cli.cluster.Observed;
import dev.signet.cli.cluster.RunningPod;
import dev.signet.cli.cluster.ServerFacts;
import dev.signet.cli.cluster.TokenTrial;
import dev.signet.cli.preflight.Expectations.ReviewBy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PreflightTest {

  @Test
  void installationInOrder_isOkThroughout() {
    Report report = new TestCluster().report();

    assertThat(report.findings())
        .allSatisfy(finding -> assertThat(finding.status()).as("%s", finding).isEqualTo(Status.OK));
    assertThat(report.passed()).isTrue();
    assertThat(report.trustDomain()).isEqualTo("shop.example");
  }

  @Test
  void fitClusterBeforeInstallation_isOkOrNeutral() {
    Report report = TestCluster.bare().report();

    Set<Section> later = Set.of(Section.INSTALLATION, Section.RIGHTS);
    assertThat(report.findings())
        .allSatisfy(finding ->
            assertThat(finding.status())
                .as("%s", finding)
                .isEqualTo(
                    later.contains(finding.check().section()) ? Status.NOT_INSTALLED : Status.OK));
    assertThat(report.passed()).isTrue();
  }

  @Test
  void everyCheck_isMade() {
    TestCluster cluster = new TestCluster();
    cluster.review = Optional.of(ReviewBy.AGENT);

    assertThat(cluster.report().findings().stream().map(Finding::check).distinct())
        .containsExactlyInAnyOrder(Check.values());
  }

  @Test
  void whatCannotBeSeen_isUnknown_andNeverGoodOrBad() {
    Report report =
        TestCluster.report(
            new Blind(),
            new Expectations(
                "signet-system", Optional.empty(), Optional.empty(), Optional.empty(), "0.1.0"));

    assertThat(report.findings())
        .allSatisfy(finding -> {
          assertThat(finding.status()).as("%s", finding).isEqualTo(Status.UNKNOWN);
          assertThat(finding.seen()).isEqualTo("this user may not look");
          assertThat(finding.mend()).isEqualTo("run it as one who may");
        });
  }

  @Test
  void hiddenPartOfAnInstallation_isNotTakenForNone() {
    TestCluster cluster = TestCluster.bare();
    cluster.agents = TestCluster.hidden();

    assertThat(cluster.status(Check.CSI_DRIVER)).isEqualTo(Status.UNKNOWN);
    assertThat(cluster.status(Check.CSI_REGISTERED)).isEqualTo(Status.UNKNOWN);
  }

  @Test
  void trial_takesAPodOfTheRelease_thenOneOfTheSystem_thenNone() {
    TestCluster cluster = new TestCluster();
    assertThat(cluster.one(Check.TOKEN_AUDIENCE).seen()).contains("signet-system/signet-ca-0");

    cluster.running.removeLast();
    assertThat(cluster.one(Check.TOKEN_AUDIENCE).seen())
        .as("the review is another pod's")
        .contains("not 'system:serviceaccount:kube-system:coredns'");

    cluster.running.clear();
    assertThat(cluster.one(Check.TOKEN_AUDIENCE))
        .isEqualTo(
            Finding.unknown(
                Check.TOKEN_AUDIENCE,
                "no pod runs in signet-system or kube-system, and a token is bound to one",
                "run it again once a pod runs in signet-system or kube-system"));
  }

  @Test
  void trustDomain_isTheOperators_thenTheInstalledOne() {
    TestCluster cluster = new TestCluster();
    cluster.expectedTrustDomain = Optional.empty();
    assertThat(cluster.report().trustDomain()).isEqualTo("shop.example");

    cluster.settings = Observed.seen(Optional.empty());
    cluster.driver = Observed.seen(Optional.of(TestCluster.driver("other.example")));
    assertThat(cluster.report().trustDomain()).isEqualTo("other.example");

    cluster.driver = Observed.seen(Optional.empty());
    assertThat(cluster.report().trustDomain()).isEmpty();
  }

  @Test
  void eachFindingThatIsNotWell_hasAMend() {
    TestCluster cluster = TestCluster.bare();
    cluster.running.clear();
    cluster.nodes.clear();
    cluster.metrics = TestCluster.hidden();
    cluster.groups = Map.of();
    cluster.admission = Set.of();

    assertThat(cluster.report().findings())
        .filteredOn(
            finding -> finding.status() != Status.OK && finding.status() != Status.NOT_INSTALLED)
        .hasSizeGreaterThan(10)
        .allSatisfy(finding -> assertThat(finding.mend()).isNotBlank());
  }

  @Test
  void page_explainsEveryCheck() throws Exception {
    String page = Files.readString(Path.of("../../docs/preflight.md"));

    List<String> ids = Arrays.stream(Check.values()).map(Check::id).toList();
    assertThat(ids).allSatisfy(id -> assertThat(page).contains("`" + id + "`"));
  }

  /** Somebody without any right. */
  private static final class Blind implements ClusterReader {
    @Override
    public ClusterFacts facts(String namespace) {
      return new ClusterFacts(
          new ServerFacts(
              "https://api.example",
              TestCluster.hidden(),
              TestCluster.hidden(),
              TestCluster.hidden(),
              TestCluster.hidden(),
              TestCluster.hidden(),
              TestCluster.hidden()),
          TestCluster.hidden(),
          TestCluster.hidden(),
          TestCluster.hidden(),
          TestCluster.hidden(),
          TestCluster.hidden(),
          new InstallationFacts(
              TestCluster.hidden(),
              TestCluster.hidden(),
              TestCluster.hidden(),
              TestCluster.hidden(),
              TestCluster.hidden(),
              TestCluster.hidden(),
              TestCluster.hidden()));
    }

    @Override
    public Observed<TokenTrial> tryToken(RunningPod pod, String audience, String foreign) {
      return TestCluster.hidden();
    }
  }
}
