package dev.signet.clustertest.review;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.Output;
import dev.signet.clustertest.lab.Signet;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same release, changed so that its agents review tokens (docs/adr/0013), and back. */
class AgentReviewClusterIT {
  private static final String REVIEWED = "reviewed";

  @TempDir private static Path folder;

  @BeforeAll
  static void install() throws Exception {
    Signet.ensure();
    TokenKeys keys = TokenKeys.fetch(folder);
    Signet.upgrade(keys.values(), keys.files()).orFail();
  }

  @AfterAll
  static void leaveItAsItWas() {
    Kubectl.removeNamespace(REVIEWED);
    Signet.upgrade(Map.of()).orFail();
  }

  @Test
  void podsOnTwoNodesCallEachOther_andEachIssuanceSaysWhoReviewed() throws Exception {
    Callers callers = Callers.start(REVIEWED, Signet.TRUST_DOMAIN);
    callers.assertCall();

    String audit = Kubectl.logs(Signet.NAMESPACE, Signet.CA_POD, "-c", "ca");
    for (String serial : callers.serials()) {
      assertThat(audit)
          .containsPattern("svid issued .*serial=\"" + serial + "\".* review=\"agent\"");
    }
    assertThat(audit).doesNotContain("review=\"ca\"");
    assertThat(Signet.caMetric("signet_issue_total", "review=\"agent\"")).isGreaterThanOrEqualTo(2);
    assertThat(Signet.caMetric("signet_issue_total", "review=\"ca\"")).isZero();
    assertThat(Signet.caMetric("signet_attest_seconds_count", "step=\"review\"")).isZero();
    for (String node : Lab.NODES) {
      assertThat(Signet.agentMetric(node, "signet_review_total", "result=\"accepted\""))
          .as(node)
          .isGreaterThanOrEqualTo(1);
    }
  }

  @Test
  void agentsHoldOneRight_andTheCaItsConfigMap() {
    assertThat(AccountRights.of(Signet.NAMESPACE, "signet-agent"))
        .containsExactly("create tokenreviews");
    assertThat(AccountRights.of(Signet.NAMESPACE, "signet-ca"))
        .containsExactlyInAnyOrder(
            "create configmaps", "get update configmaps named signet-trust-bundle");
  }

  /** Pods that use the volume would hang: an upgrade is no way to be rid of the agents. */
  @Test
  void agentsThatRun_areNotTakenOutOfTheirRelease() {
    Output refused = Signet.upgrade(Map.of("agent.enabled", "false", "ca.agentAccounts", "{a/b}"));

    assertThat(refused.code()).isNotZero();
    assertThat(refused.err()).contains("agents run in " + Signet.NAMESPACE).contains("uninstall");
  }
}
