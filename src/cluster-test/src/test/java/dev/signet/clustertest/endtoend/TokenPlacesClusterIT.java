package dev.signet.clustertest.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.signet.clustertest.lab.FailedMounts;
import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.ProbePod;
import dev.signet.clustertest.lab.Signet;
import dev.signet.sandbox.world.Eventually;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Kubelet hands tokens over in the request's secrets or, as before Kubernetes 1.35, among the
 * volume's attributes; the CSIDriver object says which, and may change under running pods.
 *
 * <p>Where they really were is seen from outside by a pod whose author planted a token of his own
 * (KUBERNETES.md 3.2): among the attributes kubelet's takes its place, and the pod has its
 * identity; beside the secrets it stays, and the agent refuses. So these installations have no
 * admission policies, which would refuse such a pod before.
 */
class TokenPlacesClusterIT {
  private static final String PLACES = "token-places";
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String PLANTED =
      "volumeAttributes: {csi.storage.k8s.io/serviceAccount.tokens: \"{}\"}";

  @BeforeAll
  static void install() {
    Signet.ensure();
    Signet.namespace(PLACES, "restricted");
    Signet.account(PLACES, "app");
  }

  @AfterAll
  static void leaveItAsItWas() {
    Kubectl.removeNamespace(PLACES);
    Signet.upgrade(Map.of()).orFail();
  }

  @Test
  void eachPlaceWorks_andARunningPodGoesOnFromOneToTheOther() throws Exception {
    ProbePod lasting = pod("lasting", Lab.NODE_A).start();
    String first = nextSerial(lasting, "");
    assertThat(driverSays()).as("the default on this cluster").isTrue();

    putTokens(false);

    assertThat(driverSays()).isFalse();
    ProbePod overwritten = pod("overwritten", Lab.NODE_B);
    createOnceAllowed(planted(overwritten));
    List.of(pod("context-a", Lab.NODE_A).create(), pod("context-b", Lab.NODE_B).create())
        .forEach(TokenPlacesClusterIT::assertHasItsIdentity);
    assertHasItsIdentity(overwritten);
    String second = renewedWithANewToken(lasting, first);

    putTokens(true);

    assertThat(driverSays()).isTrue();
    List.of(pod("secrets-a", Lab.NODE_A).create(), pod("secrets-b", Lab.NODE_B).create())
        .forEach(TokenPlacesClusterIT::assertHasItsIdentity);
    ProbePod contradicting = pod("contradicting", Lab.NODE_B);
    Kubectl.create(planted(contradicting)).orFail();
    FailedMounts.await(PLACES, contradicting.name(), "is in secrets and in volumeAttributes");
    renewedWithANewToken(lasting, second);
    assertThat(
            Kubectl.at(Kubectl.get("pod", "-n", PLACES, "lasting"), "status.containerStatuses")
                .orElseThrow()
                .toString())
        .contains("\"restartCount\":0");
  }

  private static ProbePod pod(String name, String node) {
    return ProbePod.of(PLACES, name, "app", node, "watch");
  }

  private static String planted(ProbePod pod) {
    return pod.yaml().replace("readOnly: true}}", "readOnly: true, " + PLANTED + "}}");
  }

  private static void putTokens(boolean inSecrets) {
    Signet.upgrade(
            Map.of(
                "csiDriver.tokensInSecrets",
                Boolean.toString(inSecrets),
                "policies.enabled",
                "false"))
        .orFail();
  }

  private static boolean driverSays() {
    return Kubectl.at(
            Kubectl.get("csidriver", "csi.signet.dev"), "spec.serviceAccountTokenInSecrets")
        .map(value -> value.getAsBoolean())
        .orElse(false);
  }

  /** The API server enforces a policy for a moment longer than it has it. */
  private static void createOnceAllowed(String yaml) throws InterruptedException {
    assertThat(
            Eventually.await(
                SOON, () -> Optional.of(Kubectl.create(yaml)).filter(made -> made.code() == 0)))
        .as("a pod with a planted token, without policies")
        .isPresent();
  }

  private static void assertHasItsIdentity(ProbePod pod) {
    try {
      pod.awaitReady();
      assertThat(Kubectl.text(pod.awaitEvent(SOON, TokenPlacesClusterIT::isSvid), "id"))
          .as(pod.name())
          .isEqualTo(Signet.id(PLACES, "app"));
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  /**
   * The next agent has neither this pod's SVID nor its token: what it asks the CA with is what
   * kubelet brings it now. The pod notices nothing but the new SVID.
   */
  private static String renewedWithANewToken(ProbePod pod, String before)
      throws InterruptedException {
    Lab.node(
            Lab.NODE_A,
            "find",
            "/run/signet/state",
            "-mindepth",
            "1",
            "!",
            "-name",
            "bundle",
            "-delete")
        .orFail();
    String agent = Kubectl.text(Signet.agent(Lab.NODE_A), "metadata.name");
    Kubectl.run("delete", "pod", agent, "-n", Signet.NAMESPACE).orFail();
    return nextSerial(pod, before);
  }

  private static String nextSerial(ProbePod pod, String before) throws InterruptedException {
    return Eventually.await(
            SOON,
            () ->
                pod.lastSvid()
                    .map(svid -> Kubectl.text(svid, "serial"))
                    .filter(serial -> !serial.equals(before)))
        .orElseThrow(() -> new AssertionError("no other SVID than " + before + pod.events()));
  }

  private static boolean isSvid(JsonObject event) {
    return Kubectl.text(event, "event").equals("svid");
  }
}
