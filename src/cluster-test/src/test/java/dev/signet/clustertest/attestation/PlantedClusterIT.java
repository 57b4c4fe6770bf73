package dev.signet.clustertest.attestation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.clustertest.lab.FailedMounts;
import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.ProbePod;
import dev.signet.clustertest.lab.Signet;
import dev.signet.clustertest.lab.Tokens;
import dev.signet.sandbox.world.CaAnswer;
import dev.signet.sandbox.world.CaClient;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tenants who plant what only kubelet writes (THREATS.md T9), and a second agent on a node (T17),
 * where the chart's admission policies are off: with them none of these pods is admitted
 * (PoliciesClusterIT), so what stops them here is what the agent and the CA do by themselves.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PlantedClusterIT {
  private static final String PLANTED = "planted";
  private static final String VICTIM = "victim";
  private static final String THIEF = "thief";
  private static final String KEYS = "csi.storage.k8s.io/";
  private static final String SECOND_AGENT = "second-agent";
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir private static Path folder;
  private static String victimsAttributes = "";

  @BeforeAll
  static void withoutPolicies() throws Exception {
    Signet.ensure();
    Signet.upgrade(Map.of("policies.enabled", "false")).orFail();
    Signet.namespace(PLANTED, "restricted");
    for (String account : List.of(VICTIM, THIEF)) {
      Signet.account(PLANTED, account);
    }
    ProbePod.of(PLANTED, VICTIM, VICTIM, Lab.NODE_A, "sleep").start();
    victimsAttributes =
        KEYS
            + "serviceAccount.tokens: '{\"%s\":{\"token\":\"%s\",\"expirationTimestamp\":\"2100-01-01T00:00:00Z\"}}'"
                .formatted(
                    Tokens.WORKLOAD_AUDIENCE,
                    Tokens.ofPod(PLANTED, VICTIM, Tokens.WORKLOAD_AUDIENCE));
  }

  @AfterAll
  static void withPolicies() {
    Kubectl.run(
            "delete", "pod", "-n", Signet.NAMESPACE, SECOND_AGENT, "--ignore-not-found", "--now")
        .orFail();
    Kubectl.removeNamespace(PLANTED);
    tokensInSecrets(true);
    Signet.upgrade(Map.of()).orFail();
  }

  private static void tokensInSecrets(boolean so) {
    Kubectl.run(
            "patch",
            "csidriver",
            "csi.signet.dev",
            "--type=merge",
            "-p",
            "{\"spec\":{\"serviceAccountTokenInSecrets\":" + so + "}}")
        .orFail();
  }

  /** A thief's pod whose volume says more than it should. */
  private static ProbePod pod(String name, String volume) {
    ProbePod pod = ProbePod.of(PLANTED, name, THIEF, Lab.NODE_A, "watch");
    String yaml =
        pod.yaml()
            .replace("driver: csi.signet.dev, readOnly: true}}", "driver: csi.signet.dev" + volume);
    assertThat(yaml).contains("driver: csi.signet.dev" + volume);
    Kubectl.create(yaml).orFail();
    return pod;
  }

  private static ProbePod podWithAttributes(String name, String attributes) {
    return pod(name, ", readOnly: true, volumeAttributes: {" + attributes + "}}}");
  }

  /** What kubelet says of a pod that it cannot start. */
  private static String awaitFailedMount(ProbePod pod, String text) throws InterruptedException {
    return FailedMounts.await(PLANTED, pod.name(), text);
  }

  private static void assertNothingIssued(ProbePod pod) {
    assertThat(Kubectl.text(Kubectl.get("pod", "-n", PLANTED, pod.name()), "status.phase"))
        .isEqualTo("Pending");
    assertThat(Kubectl.logs(Signet.NAMESPACE, Signet.CA_POD, "--since=60s").lines())
        .noneMatch(
            line -> line.contains("svid issued") && line.contains("pod=\"" + pod.name() + "\""));
  }

  private static void assertOwnIdentity(ProbePod pod) throws InterruptedException {
    pod.awaitReady();
    assertThat(
            pod.awaitEvent(SOON, event -> Kubectl.text(event, "event").equals("svid"))
                .get("id")
                .getAsString())
        .isEqualTo(Signet.id(PLANTED, THIEF));
  }

  /** T9, tier A: kubelet writes the token into {@code secrets}, so a planted one stays. */
  @Test
  @Order(1)
  void t9_plantedToken_besideKubeletsInSecrets_isRefused() throws Exception {
    ProbePod pod = podWithAttributes("token", victimsAttributes);
    String event = awaitFailedMount(pod, "TOKEN_IN_BOTH_MAPS");
    assertThat(event)
        .contains(
            "csi.storage.k8s.io/serviceAccount.tokens is in secrets and in volumeAttributes: remove"
                + " it from the pod's volume")
        .doesNotContain("eyJ");
    assertNothingIssued(pod);
  }

  /** T9: where kubelet writes a key itself, a planted one is gone. */
  @Test
  @Order(2)
  void t9_plantedPodInformation_losesAgainstKubelets() throws Exception {
    String uid = Kubectl.text(Kubectl.get("pod", "-n", PLANTED, VICTIM), "metadata.uid");
    assertOwnIdentity(
        podWithAttributes(
            "information",
            String.join(
                ", ",
                KEYS + "pod.uid: " + uid,
                KEYS + "pod.name: victim",
                KEYS + "pod.namespace: kube-system",
                KEYS + "serviceAccount.name: victim",
                KEYS + "ephemeral: 'false'")));
  }

  /** T9, I14: a key that kubelet does not write today it may write, or mean, tomorrow. */
  @Test
  @Order(3)
  void t9_unknownAttributes_areRefusedByName() throws Exception {
    ProbePod own = podWithAttributes("attribute", "team: payments");
    ProbePod reserved = podWithAttributes("reserved", KEYS + "node.name: node-b");
    awaitFailedMount(
        own,
        "UNKNOWN_KEY: unknown key \"team\" in volumeAttributes: the volume takes no attributes");
    awaitFailedMount(reserved, "UNKNOWN_KEY: unknown key \"" + KEYS + "node.name\"");
    assertNothingIssued(own);
    assertNothingIssued(reserved);
  }

  /** T9: a pod's own Secret arrives where kubelet's token does. It is not shown to anybody. */
  @Test
  @Order(4)
  void t9_podsOwnSecret_isRefused() throws Exception {
    Kubectl.apply(
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: planted, namespace: %s}
        stringData: {tokens: not-to-be-shown}
        """
            .formatted(PLANTED));
    ProbePod pod = pod("secret", ", readOnly: true, nodePublishSecretRef: {name: planted}}}");
    assertThat(
            awaitFailedMount(
                pod,
                "UNKNOWN_KEY: unknown key \"tokens\" in secrets: remove nodePublishSecretRef from the"
                    + " pod's volume"))
        .doesNotContain("not-to-be-shown");
    assertNothingIssued(pod);
  }

  /** Bad input: what keeps the pod from starting is said where its author looks. */
  @Test
  @Order(5)
  void writableVolume_isRefusedWithTheMend() throws Exception {
    ProbePod pod = pod("writable", "}}");
    awaitFailedMount(
        pod, "NOT_READ_ONLY: the volume is read-only: set csi.readOnly: true in the pod's volume");
    assertNothingIssued(pod);
  }

  /**
   * T17, where nobody keeps another pod of Signet's namespace from the agents' account: its token
   * is as genuine as the agent's, and waits until that agent is gone.
   */
  @Test
  @Order(6)
  void t17_secondAgentOnANode_isRefusedWhileTheFirstLives() throws Exception {
    ProbePod.of(Signet.NAMESPACE, SECOND_AGENT, Tokens.AGENT_ACCOUNT, Lab.NODE_B, "sleep")
        .withoutIdentity()
        .start();
    String token = Tokens.ofPod(Signet.NAMESPACE, SECOND_AGENT, Tokens.AGENT_AUDIENCE);
    StolenAgent first = StolenAgent.of(Lab.NODE_B, folder);
    try (CaClient ca = CaClient.anonymous(first.server())) {
      assertThat(ca.attest(token, StolenAgent.request()))
          .isEqualTo(new CaAnswer.Refused("AGENT_ALREADY_ON_NODE", true, Status.Code.UNAVAILABLE));
    }
    assertThat(first.become().id().toString())
        .isEqualTo("spiffe://" + Signet.TRUST_DOMAIN + "/signet/agent/main/" + Lab.NODE_B);
  }

  /** T9, tiers B and C: kubelet writes its token where the planted one is, over it. */
  @Test
  @Order(7)
  void t9_plantedToken_whereKubeletWritesItsOwn_isGone() throws Exception {
    tokensInSecrets(false);
    assertOwnIdentity(podWithAttributes("token-below-1-35", victimsAttributes));
  }
}
