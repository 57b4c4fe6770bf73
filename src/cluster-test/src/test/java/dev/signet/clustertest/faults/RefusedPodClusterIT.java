package dev.signet.clustertest.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.ProbePod;
import dev.signet.clustertest.lab.Signet;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * No pod hangs without a word. An identity that is refused is the Workload API's answer, since the
 * publish of a socket waits for no CA (DESIGN.md 3). A volume that cannot be published is kubelet's
 * event with the agent's text: PlantedClusterIT.
 */
class RefusedPodClusterIT {
  private static final String NAMESPACE = "faults-refused";
  private static final Duration SOON = Duration.ofSeconds(60);

  @BeforeAll
  static void start() {
    Signet.ensure();
    Signet.namespace(NAMESPACE, "restricted");
    Signet.account(NAMESPACE, "app");
  }

  @AfterAll
  static void remove() {
    Kubectl.removeNamespace(NAMESPACE);
  }

  @Test
  void accountThatGetsNoIdentity_isTheWorkloadApisAnswer() throws Exception {
    ProbePod pod = ProbePod.of(NAMESPACE, "nobody", "default", Lab.NODE_A, "watch").start();

    JsonObject answer =
        pod.awaitEvent(SOON, event -> Kubectl.text(event, "code").equals("PermissionDenied"));

    assertThat(Kubectl.text(answer, "message")).contains("DEFAULT_ACCOUNT_NOT_ALLOWED");
    assertThat(pod.events()).noneMatch(event -> Kubectl.text(event, "event").equals("svid"));
  }
}
