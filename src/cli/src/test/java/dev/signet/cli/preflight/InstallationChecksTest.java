package dev.signet.cli.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.cli.cluster.AgentSet;
import dev.signet.cli.cluster.InstalledSettings;
import dev.signet.cli.cluster.NodeFact;
import dev.signet.cli.cluster.NodeFact.NodeSystem;
import dev.signet.cli.cluster.Observed;
import dev.signet.cli.cluster.SignetPod;
import dev.signet.cli.preflight.Expectations.ReviewBy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InstallationChecksTest {
  private static final String TOKEN = "signet://shop.example/agent";
  private final TestCluster cluster = new TestCluster();

  private void agents(boolean automount, String surge, String... audiences) {
    cluster.agents =
        Observed.seen(Optional.of(new AgentSet(2, List.of(audiences), automount, surge)));
  }

  private void pod(int index, String owner, String node, String release, String trouble) {
    cluster.signetPods.set(
        index, new SignetPod(owner, owner + "-x", node, trouble.isEmpty(), release, trouble));
  }

  @Test
  void namespaceThatForbidsAgents_fails_andTheMendIsTheLabel() {
    cluster.namespace = TestCluster.namespace(Map.of(TestCluster.ENFORCE, "baseline"));

    assertThat(cluster.one(Check.POD_SECURITY))
        .isEqualTo(
            Finding.fail(
                Check.POD_SECURITY,
                "namespace signet-system enforces baseline: no agent can start",
                "kubectl label --overwrite namespace signet-system"
                    + " pod-security.kubernetes.io/enforce=privileged"));
  }

  @Test
  void namespaceWithoutALabel_orLouder_isAWarning() {
    cluster.namespace = TestCluster.namespace(Map.of());
    assertThat(cluster.status(Check.POD_SECURITY)).isEqualTo(Status.WARN);

    cluster.namespace =
        TestCluster.namespace(
            Map.of(
                TestCluster.ENFORCE, "privileged", "pod-security.kubernetes.io/audit", "baseline"));
    assertThat(cluster.status(Check.POD_SECURITY)).isEqualTo(Status.WARN);
    assertThat(cluster.one(Check.POD_SECURITY).mend())
        .endsWith("signet-system pod-security.kubernetes.io/audit=privileged");
  }

  @Test
  void namespaceThatIsNotTheReleases_fails() {
    cluster.namespace = Optional.empty();

    assertThat(cluster.status(Check.POD_SECURITY)).isEqualTo(Status.FAIL);
    assertThat(cluster.one(Check.POD_SECURITY).mend()).contains("--namespace");
  }

  @Test
  void agentThatIsNotReady_isNamedWithItsTrouble() {
    pod(2, "signet-agent", "node-b", "0.1.0", "FailedMount: no such folder");

    assertThat(cluster.status(Check.AGENTS)).isEqualTo(Status.FAIL);
    assertThat(cluster.one(Check.AGENTS).seen())
        .isEqualTo("no agent is ready on node-b (FailedMount: no such folder)");
  }

  @Test
  void taintThatKeepsAgentsOff_isAWarning() {
    cluster.nodes.add(TestCluster.tainted("node-c", "gpu:NoSchedule"));

    assertThat(cluster.status(Check.AGENTS)).isEqualTo(Status.WARN);
    assertThat(cluster.one(Check.AGENTS).seen())
        .contains("node-c (no pod; taints [gpu:NoSchedule])");
  }

  /** Of nodes that no agent can run on {@code platform} tells, and nothing else. */
  @Test
  void nodeOfAnotherPlatform_isNoTrouble() {
    NodeFact arm = TestCluster.node("node-c");
    cluster.nodes.add(
        TestCluster.with(
            arm, new NodeSystem(arm.system().kubelet(), "6.1.0", "linux", "arm64", ""), Set.of()));

    assertThat(cluster.status(Check.AGENTS)).isEqualTo(Status.OK);
    assertThat(cluster.status(Check.CSI_REGISTERED)).isEqualTo(Status.OK);
    assertThat(cluster.status(Check.PLATFORM)).isEqualTo(Status.WARN);
  }

  @Test
  void withoutAnyNode_nothingIsSaidToBeWell() {
    cluster.nodes.clear();

    assertThat(cluster.status(Check.AGENTS)).isEqualTo(Status.UNKNOWN);
    assertThat(cluster.status(Check.CSI_REGISTERED)).isEqualTo(Status.UNKNOWN);
  }

  @Test
  void trustDomainThatCannotBeRead_isNotAgreedOn() {
    InstalledSettings all =
        TestCluster.settings(Optional.empty(), Optional.empty(), Optional.empty());
    cluster.settings =
        Observed.seen(
            Optional.of(
                new InstalledSettings(
                    Optional.empty(),
                    all.agentTrustDomain(),
                    all.kubeletDir(),
                    all.review(),
                    all.svidTtl(),
                    all.backdate(),
                    all.defaultAccounts())));

    assertThat(cluster.status(Check.TRUST_DOMAIN)).isEqualTo(Status.FAIL);
    assertThat(cluster.one(Check.TRUST_DOMAIN).seen()).contains("the CA's is not to be read");
  }

  @Test
  void missingDaemonSet_fails() {
    cluster.agents = Observed.seen(Optional.empty());

    assertThat(cluster.status(Check.AGENTS)).isEqualTo(Status.FAIL);
    assertThat(cluster.status(Check.AGENT_TOKEN)).isEqualTo(Status.UNKNOWN);
  }

  @Test
  void agentWithATokenForTheApi_fails() {
    agents(true, "0", TOKEN);
    assertThat(cluster.one(Check.AGENT_TOKEN).mend())
        .contains("\"automountServiceAccountToken\":false");

    agents(false, "0", TOKEN, "");
    assertThat(cluster.status(Check.AGENT_TOKEN)).isEqualTo(Status.FAIL);
    assertThat(cluster.one(Check.AGENT_TOKEN).seen()).contains("the Kubernetes API");
  }

  @Test
  void agentThatReviews_needsOne() {
    agents(false, "0", TOKEN, "");
    cluster.review = Optional.of(ReviewBy.AGENT);

    assertThat(cluster.status(Check.AGENT_TOKEN)).isEqualTo(Status.OK);
  }

  @Test
  void agentWithoutItsOwnToken_fails() {
    agents(false, "0", "signet://other.example/agent");

    assertThat(cluster.of(Check.AGENT_TOKEN))
        .extracting(Finding::seen)
        .containsExactly(
            "the agents have no token of " + TOKEN,
            "the agents also have a token for signet://other.example/agent");
  }

  @Test
  void surge_fails() {
    agents(false, "25%", TOKEN);

    assertThat(cluster.status(Check.AGENT_ROLLOUT)).isEqualTo(Status.FAIL);
  }

  @Test
  void caThatIsNotReady_fails_withItsTrouble() {
    pod(0, "signet-ca", "node-a", "0.1.0", "CrashLoopBackOff: back-off");
    assertThat(cluster.one(Check.CA).seen())
        .isEqualTo("no replica of the CA is ready: CrashLoopBackOff: back-off");

    cluster.signetPods.remove(0);
    assertThat(cluster.one(Check.CA).seen()).contains("no pod of StatefulSet");

    cluster.caEndpoints = OptionalInt.empty();
    assertThat(cluster.one(Check.CA).seen()).contains("no Service signet-ca");
    assertThat(cluster.status(Check.CA)).isEqualTo(Status.FAIL);
  }

  @Test
  void bundleThatIsMissingOrBroken_fails() {
    cluster.bundle = Optional.empty();
    assertThat(cluster.status(Check.TRUST_BUNDLE)).isEqualTo(Status.FAIL);

    cluster.bundle = Optional.of("nonsense");
    assertThat(cluster.status(Check.TRUST_BUNDLE)).isEqualTo(Status.FAIL);

    cluster.bundle = Optional.of(TestCluster.ROOT.replace("MIIB", "AAAA"));
    assertThat(cluster.status(Check.TRUST_BUNDLE)).isEqualTo(Status.FAIL);
  }

  @Test
  void mixedReleases_areAWarning() {
    pod(0, "signet-ca", "node-a", "0.0.9", "");

    assertThat(cluster.status(Check.RELEASES)).isEqualTo(Status.WARN);
    assertThat(cluster.one(Check.RELEASES).seen()).contains("0.0.9, 0.1.0");
  }

  @Test
  void partsOfDifferentTrustDomains_fail() {
    cluster.settings =
        Observed.seen(
            Optional.of(
                new InstalledSettings(
                    Optional.of("shop.example"),
                    Optional.of("other.example"),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Set.of())));

    assertThat(cluster.status(Check.TRUST_DOMAIN)).isEqualTo(Status.FAIL);
    assertThat(cluster.one(Check.TRUST_DOMAIN).seen())
        .isEqualTo(
            "the CA's is shop.example, the agents' is other.example, expected was shop.example");
  }
}
