package dev.signet.cli.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.cli.cluster.KubernetesVersion;
import dev.signet.cli.cluster.NodeFact.NodeSystem;
import dev.signet.cli.cluster.Observed;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeChecksTest {
  private final TestCluster cluster = new TestCluster();

  private void nodeB(String kubelet, String kernel, String os, String architecture) {
    NodeSystem system =
        new NodeSystem(KubernetesVersion.parse(kubelet), kernel, os, architecture, "");
    cluster.nodes.set(
        1, TestCluster.with(TestCluster.node("node-b"), system, Set.of("csi.signet.dev")));
  }

  @Test
  void mixedKubelets_areListedWithTheirPlaceOfTokens() {
    nodeB("v1.34.1", "6.1.0", "linux", "amd64");

    assertThat(cluster.one(Check.KUBELETS).seen())
        .isEqualTo(
            "1 node with v1.34.1 (tokens in volume_context), 1 node with v1.36.3 (tokens in"
                + " secrets)");
  }

  @Test
  void oldOrOddKubelet_isSaid() {
    nodeB("v1.26.0", "6.1.0", "linux", "amd64");
    assertThat(cluster.status(Check.KUBELETS)).isEqualTo(Status.FAIL);

    nodeB("virtual", "6.1.0", "linux", "amd64");
    assertThat(cluster.status(Check.KUBELETS)).isEqualTo(Status.UNKNOWN);
  }

  @ParameterizedTest
  @CsvSource({
    "5.12.0,          OK",
    "6.18.44-fc-v657, OK",
    "5.11.22-1-pve,   FAIL",
    "4.18.0-553.el8,  FAIL",
    "unheard-of,      UNKNOWN",
  })
  void kernel_hasALeast(String kernel, Status status) {
    nodeB("v1.36.3", kernel, "linux", "amd64");

    assertThat(cluster.status(Check.KERNEL)).isEqualTo(status);
  }

  @Test
  void otherPlatforms_areSaid() {
    nodeB("v1.36.3", "6.1.0", "linux", "arm64");
    assertThat(cluster.status(Check.PLATFORM)).isEqualTo(Status.WARN);
    assertThat(cluster.one(Check.PLATFORM).seen()).contains("node-b (linux/arm64)");

    cluster.nodes.remove(0);
    assertThat(cluster.status(Check.PLATFORM)).isEqualTo(Status.FAIL);
  }

  @Test
  void windows_isNoMatterOfTheKernel() {
    nodeB("v1.36.3", "10.0.20348.1", "windows", "amd64");

    assertThat(cluster.status(Check.KERNEL)).isEqualTo(Status.OK);
    assertThat(cluster.one(Check.PLATFORM).seen()).contains("node-b (windows/amd64)");
  }

  @ParameterizedTest
  @CsvSource({"-8, OK", "-20, WARN", "50, OK", "90, WARN"})
  void heartbeats_tellTheNodesClock(long age, Status status) {
    cluster.nodes.set(
        1, TestCluster.beating("node-b", Observed.seen(Optional.of(Duration.ofSeconds(age)))));

    assertThat(cluster.status(Check.NODE_CLOCKS)).isEqualTo(status);
  }

  @Test
  void nodeWithoutHeartbeat_isUnknown() {
    cluster.nodes.set(1, TestCluster.beating("node-b", Observed.seen(Optional.empty())));
    assertThat(cluster.one(Check.NODE_CLOCKS).seen()).contains("node-b");
    assertThat(cluster.status(Check.NODE_CLOCKS)).isEqualTo(Status.UNKNOWN);

    cluster.nodes.set(1, TestCluster.beating("node-b", TestCluster.hidden()));
    assertThat(cluster.one(Check.NODE_CLOCKS).seen()).isEqualTo("this user may not look");
  }

  @Test
  void clusterWithoutNodes_isUnknown() {
    cluster.nodes.clear();

    assertThat(
            List.of(
                Check.KUBELETS, Check.PLATFORM, Check.KERNEL, Check.KUBELET_DIR, Check.NODE_CLOCKS))
        .allSatisfy(check -> assertThat(cluster.status(check)).isEqualTo(Status.UNKNOWN));
  }
}
