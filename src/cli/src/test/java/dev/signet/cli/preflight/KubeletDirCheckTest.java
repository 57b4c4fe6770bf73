package dev.signet.cli.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.cli.cluster.NodeFact.NodeSystem;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KubeletDirCheckTest {
  private final TestCluster cluster = TestCluster.bare();

  @Test
  void anotherDriversOtherFolder_fails_andTheMendNamesIt() {
    cluster.folders.clear();
    cluster.folders.add(TestCluster.folder("node-a", "/var/lib/k0s/kubelet"));
    cluster.folders.add(TestCluster.folder("node-b", "/var/lib/k0s/kubelet"));

    Finding finding = cluster.one(Check.KUBELET_DIR);
    assertThat(finding.status()).isEqualTo(Status.FAIL);
    assertThat(finding.seen()).contains("node-a (/var/lib/k0s/kubelet)");
    assertThat(finding.mend()).contains("--set agent.kubeletDir=/var/lib/k0s/kubelet");
  }

  @Test
  void expectedFolder_isTheOperators() {
    cluster.kubeletDir = Optional.of("/data/kubelet");

    assertThat(cluster.status(Check.KUBELET_DIR)).isEqualTo(Status.FAIL);
    assertThat(cluster.one(Check.KUBELET_DIR).seen()).contains("expected /data/kubelet");
  }

  /** Where kubelet has registered Signet says nothing of another folder. */
  @Test
  void folderThatIsNotTheInstalledOne_isNotWellByIt() {
    var installed = new TestCluster();
    assertThat(installed.status(Check.KUBELET_DIR)).isEqualTo(Status.OK);

    installed.kubeletDir = Optional.of("/elsewhere");

    assertThat(installed.status(Check.KUBELET_DIR)).isNotEqualTo(Status.OK);
  }

  @Test
  void nodesThatDiffer_cannotBeServedWithOneValue() {
    cluster.kubeletDir = Optional.of("/data/kubelet");
    cluster.folders.add(TestCluster.folder("node-a", "/mnt/kubelet"));

    assertThat(cluster.one(Check.KUBELET_DIR).mend()).contains("the nodes differ");
  }

  @Test
  void distributionThatKeepsItElsewhere_isSuspected() {
    cluster.folders.removeIf(folder -> folder.node().equals("node-b"));
    NodeSystem microk8s =
        new NodeSystem(
            Optional.of(TestCluster.version("v1.36.3")), "6.1.0", "linux", "amd64", "microk8s");
    cluster.nodes.set(1, TestCluster.with(cluster.nodes.get(1), microk8s, Set.of()));

    assertThat(cluster.status(Check.KUBELET_DIR)).isEqualTo(Status.WARN);
    assertThat(cluster.one(Check.KUBELET_DIR).seen())
        .contains("/var/snap/microk8s/common/var/lib/kubelet");
  }

  @Test
  void nodeWithNothingToGoBy_isUnknown() {
    cluster.folders.removeIf(folder -> folder.node().equals("node-b"));

    assertThat(cluster.status(Check.KUBELET_DIR)).isEqualTo(Status.UNKNOWN);
    assertThat(cluster.one(Check.KUBELET_DIR).seen()).contains("for node-b:");
  }
}
