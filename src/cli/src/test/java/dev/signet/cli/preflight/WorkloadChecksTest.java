package dev.signet.cli.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.cli.cluster.PodRef;
import dev.signet.cli.cluster.VolumeUser;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WorkloadChecksTest {
  private final TestCluster cluster = new TestCluster();

  @Test
  void podAsDefault_isAWarning_unlessItsNamespaceMay() {
    cluster.users.add(TestCluster.user("legacy", "web-1", "default", false));
    assertThat(cluster.status(Check.DEFAULT_ACCOUNTS)).isEqualTo(Status.OK);

    cluster.users.add(TestCluster.user("shop", "web-1", "default", false));
    assertThat(cluster.status(Check.DEFAULT_ACCOUNTS)).isEqualTo(Status.WARN);
    assertThat(cluster.one(Check.DEFAULT_ACCOUNTS).seen())
        .isEqualTo("run as `default`: shop/web-1");
  }

  @Test
  void subPath_isAWarning() {
    cluster.users.add(TestCluster.user("shop", "web-1", "web", true));

    assertThat(cluster.status(Check.SUB_PATHS)).isEqualTo(Status.WARN);
  }

  @Test
  void finishedPods_areNoMatter() {
    cluster.users.add(
        new VolumeUser(
            new PodRef("shop", "job"), "default", "node-a", "Succeeded", false, "Job/job", true));

    assertThat(cluster.status(Check.SUB_PATHS)).isEqualTo(Status.OK);
    assertThat(cluster.status(Check.DEFAULT_ACCOUNTS)).isEqualTo(Status.OK);
  }

  @Test
  void manyPods_areCounted() {
    IntStream.range(10, 33)
        .forEach(i -> cluster.users.add(TestCluster.user("shop", "web-" + i, "default", false)));

    assertThat(cluster.one(Check.DEFAULT_ACCOUNTS).seen())
        .contains("shop/web-19")
        .doesNotContain("web-20")
        .endsWith("and 13 more");
  }
}
