package dev.signet.clustertest.attestation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.Output;
import dev.signet.clustertest.lab.ProbePod;
import dev.signet.clustertest.lab.Signet;
import dev.signet.clustertest.lab.Tokens;
import dev.signet.proto.csi.v1.NodePublishVolumeRequest;
import dev.signet.proto.csi.v1.VolumeCapability;
import dev.signet.sandbox.world.CaAnswer;
import dev.signet.sandbox.world.CaClient;
import dev.signet.sandbox.world.CertificateRequests;
import dev.signet.spiffe.X509Svid;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A stolen node, its agent's identity and its kubelet's credentials, is only the pods on it
 * (THREATS.md T14, T13), and nobody becomes an agent by an account of the same name (T17).
 */
class StolenNodeClusterIT {
  private static final String STOLEN = "stolen";

  /** The pod on each node; its account has the same name. */
  private static final Map<String, String> PODS = Map.of("on-a", Lab.NODE_A, "on-b", Lab.NODE_B);

  /** On node-a, of the account of the pod on node-b: so node-a has to do with that account. */
  private static final String WITHOUT_VOLUME = "no-volume";

  private static final String UNSCHEDULED = "unscheduled";

  @TempDir private static Path folder;
  private static final Map<String, String> kubeletTokens = new LinkedHashMap<>();

  @BeforeAll
  static void install() throws Exception {
    Signet.ensure();
    Signet.namespace(STOLEN, "restricted");
    for (String account : List.of("on-a", "on-b", Tokens.AGENT_ACCOUNT)) {
      Signet.account(STOLEN, account);
    }
    ProbePod.of(STOLEN, WITHOUT_VOLUME, "on-b", Lab.NODE_A, "sleep").withoutIdentity().create();
    ProbePod.of(STOLEN, "of-agents-name", Tokens.AGENT_ACCOUNT, Lab.NODE_A, "sleep").create();
    ProbePod.of(STOLEN, UNSCHEDULED, "on-a", "", "sleep")
        .withSpec("schedulerName: nobody\n")
        .create();
    for (String pod : List.of("on-a", "on-b")) {
      ProbePod.of(STOLEN, pod, pod, Drills.named(PODS, pod), "sleep").create();
    }
    for (String pod : List.of("on-a", "on-b")) {
      Kubectl.await(Duration.ofSeconds(60), STOLEN, "pod/" + pod, ProbePod::isReady);
      kubeletTokens.put(
          pod,
          Tokens.askedByKubelet(Drills.named(PODS, pod), STOLEN, pod, Tokens.WORKLOAD_AUDIENCE)
              .orFail()
              .strip());
    }
  }

  @AfterAll
  static void remove() throws Exception {
    Kubectl.removeNamespace(STOLEN);
    for (String node : Lab.NODES) {
      Signet.awaitAgent(node);
    }
  }

  /**
   * T14. An agent asks the CA with a token and nothing else, so the two that differ there are agent
   * and token; a pod with another pod's token is stopped by the agent that is asked to publish it.
   */
  @Test
  void t14_ofEveryAgentPodAndToken_onlyTheDiagonalIsIssued() throws Exception {
    for (String node : Lab.NODES) {
      StolenAgent agent = StolenAgent.of(node, folder);
      Map<String, CaAnswer> answers = agent.ask(kubeletTokens);
      answers.forEach((pod, answer) -> {
        if (node.equals(Drills.named(PODS, pod))) {
          assertThat(answer)
              .as("%s on %s", pod, node)
              .isInstanceOfSatisfying(
                  CaAnswer.Issued.class,
                  issued -> assertThat(issued.spiffeId()).isEqualTo(Signet.id(STOLEN, pod)));
        } else {
          assertThat(answer)
              .as("%s on %s", pod, node)
              .isEqualTo(new CaAnswer.Refused("NODE_MISMATCH", false, Status.Code.OK));
        }
      });
      try (CsiCaller kubelet = CsiCaller.on(node)) {
        for (String pod : kubeletTokens.keySet()) {
          for (String token : kubeletTokens.keySet()) {
            if (!pod.equals(token)) {
              assertThatThrownBy(
                      () -> kubelet.publish(publish(pod, Drills.named(kubeletTokens, token))))
                  .as("pod %s with the token of %s on %s", pod, token, node)
                  .hasMessageStartingWith("INVALID_ARGUMENT: TOKEN_OF_ANOTHER_POD");
            }
          }
        }
      }
    }
    String pod = Kubectl.text(Kubectl.get("pod", "-n", STOLEN, "on-b"), "metadata.uid");
    assertThat(Kubectl.logs(Signet.NAMESPACE, Signet.CA_POD, "--since=60s").lines())
        .as("the CA's record of what node-a asked for")
        .anyMatch(line ->
            line.contains("svid refused")
                && line.contains("NODE_MISMATCH")
                && line.contains(pod)
                && line.contains("/signet/agent/main/" + Lab.NODE_A));
  }

  /** As kubelet would ask for a second volume of the pod, but for the token. */
  private static NodePublishVolumeRequest publish(String name, String token) throws Exception {
    JsonObject pod = Kubectl.get("pod", "-n", STOLEN, name);
    String uid = Kubectl.text(pod, "metadata.uid");
    String keys = "csi.storage.k8s.io/";
    byte[] volume =
        MessageDigest.getInstance("SHA-256")
            .digest((uid + "second").getBytes(StandardCharsets.UTF_8));
    return NodePublishVolumeRequest.newBuilder()
        .setVolumeId("csi-" + HexFormat.of().formatHex(volume))
        .setTargetPath("/var/lib/kubelet/pods/" + uid + "/volumes/kubernetes.io~csi/second/mount")
        .setVolumeCapability(
            VolumeCapability.newBuilder()
                .setMount(VolumeCapability.MountVolume.getDefaultInstance()))
        .setReadonly(true)
        .putVolumeContext(keys + "pod.name", name)
        .putVolumeContext(keys + "pod.namespace", STOLEN)
        .putVolumeContext(keys + "pod.uid", uid)
        .putVolumeContext(keys + "serviceAccount.name", name)
        .putVolumeContext(keys + "ephemeral", "true")
        .putSecrets(
            keys + "serviceAccount.tokens",
            """
            {"%s":{"token":"%s","expirationTimestamp":"2100-01-01T00:00:00Z"}}\
            """
                .formatted(Tokens.WORKLOAD_AUDIENCE, token))
        .build();
  }

  /**
   * T14, KUBERNETES.md 8: what the CA's own check stands beside. Accounts of which a node has no
   * pod the node authoriser keeps from it; of those that it shares with others, NodeRestriction
   * does.
   */
  @Test
  void t14_kubeletsCredentialsGetNoTokenOfAnotherNodesPod() {
    PODS.forEach((pod, node) ->
        assertThat(
                Tokens.claims(
                        Tokens.askedByKubelet(node, STOLEN, pod, Tokens.WORKLOAD_AUDIENCE).orFail())
                    .get("sub")
                    .getAsString())
            .isEqualTo("system:serviceaccount:" + STOLEN + ":" + pod));

    assertForbidden(
        Tokens.askedByKubelet(Lab.NODE_B, STOLEN, "on-a", Tokens.WORKLOAD_AUDIENCE),
        "no relationship found between node 'node-b' and this object");
    assertForbidden(
        Tokens.askedByKubelet(Lab.NODE_A, STOLEN, "on-b", Tokens.WORKLOAD_AUDIENCE),
        "node requested token bound to a pod scheduled on a different node");
    assertForbidden(
        Tokens.askedByKubelet(Lab.NODE_A, STOLEN, "on-a"),
        "node requested token not bound to a pod");
  }

  /** T14, KUBERNETES.md 8: ServiceAccountNodeAudienceRestriction. */
  @Test
  void t14_kubeletsCredentialsGetOurAudienceForPodsWithOurVolumeAlone() {
    Output other = Tokens.askedByKubelet(Lab.NODE_A, STOLEN, "on-a", "https://vault.example");
    Output agents = Tokens.askedByKubelet(Lab.NODE_A, STOLEN, "on-a", Tokens.AGENT_AUDIENCE);
    Output without =
        Tokens.askedByKubelet(Lab.NODE_A, STOLEN, WITHOUT_VOLUME, Tokens.WORKLOAD_AUDIENCE);

    assertForbidden(other, "audience \"https://vault.example\" not found in pod spec volume");
    assertForbidden(agents, "audience \"" + Tokens.AGENT_AUDIENCE + "\" not found in pod spec");
    assertForbidden(without, "audience \"" + Tokens.WORKLOAD_AUDIENCE + "\" not found in pod spec");
  }

  private static void assertForbidden(Output answer, String why) {
    assertThat(answer.code()).as("%s", answer.command()).isNotZero();
    assertThat(answer.err()).contains("is forbidden: ", why);
  }

  /** T14, I6: genuine tokens that are not the token of a pod of this node for the CA. */
  @Test
  void t14_genuineTokensOfAnotherKindAreRefused() throws Exception {
    Kubectl.apply(
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: bound, namespace: %1$s}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: legacy, namespace: %1$s, annotations: {kubernetes.io/service-account.name: on-a}}
        type: kubernetes.io/service-account-token
        """
            .formatted(STOLEN));
    JsonObject legacy =
        Kubectl.await(
            Duration.ofSeconds(20),
            STOLEN,
            "secret/legacy",
            secret -> Kubectl.at(secret, "data.token").isPresent());
    String ours = "--audience=" + Tokens.WORKLOAD_AUDIENCE;
    Map<String, String> tokens = new LinkedHashMap<>();
    Map<String, String> reasons = new LinkedHashMap<>();
    tokens.put("the agent's own", Tokens.ofAgent(Lab.NODE_A));
    reasons.put("the agent's own", "TOKEN_REJECTED");
    tokens.put("of the API server's audience", Tokens.ofAccount(STOLEN, "on-a"));
    reasons.put("of the API server's audience", "TOKEN_REJECTED");
    tokens.put("the legacy one of a Secret", decoded(Kubectl.text(legacy, "data.token")));
    reasons.put("the legacy one of a Secret", "TOKEN_REJECTED");
    tokens.put("bound to nothing", Tokens.ofAccount(STOLEN, "on-a", ours));
    reasons.put("bound to nothing", "TOKEN_NOT_POD_BOUND");
    tokens.put(
        "bound to a Secret",
        Tokens.ofAccount(
            STOLEN, "on-a", ours, "--bound-object-kind=Secret", "--bound-object-name=bound"));
    reasons.put("bound to a Secret", "TOKEN_NOT_POD_BOUND");
    tokens.put("of a pod on no node", Tokens.ofPod(STOLEN, UNSCHEDULED, Tokens.WORKLOAD_AUDIENCE));
    reasons.put("of a pod on no node", "TOKEN_NODE_MISSING");
    tokens.put("that is none", "not-a-token");
    reasons.put("that is none", "TOKEN_MALFORMED");

    Map<String, String> answers = new LinkedHashMap<>();
    StolenAgent.of(Lab.NODE_A, folder)
        .ask(tokens)
        .forEach((token, answer) -> answers.put(token, answer.text()));

    assertThat(answers).isEqualTo(reasons);
  }

  private static String decoded(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.US_ASCII);
  }

  /** T14, T17: only a pod of the agents' account, by a token for agents, becomes one. */
  @Test
  void t17_agentsAccountOfAnotherNamespace_andPods_becomeNoAgents() {
    String foreign = Tokens.ofPod(STOLEN, "of-agents-name", Tokens.AGENT_AUDIENCE);
    String pods = Tokens.ofPod(STOLEN, "on-a", Tokens.AGENT_AUDIENCE);
    String unbound =
        Tokens.ofAccount(
            Signet.NAMESPACE, Tokens.AGENT_ACCOUNT, "--audience=" + Tokens.AGENT_AUDIENCE);
    try (CaClient ca = CaClient.anonymous(StolenAgent.of(Lab.NODE_A, folder).server())) {
      assertThat(List.of(foreign, pods))
          .allSatisfy(token ->
              assertThat(ca.attest(token, StolenAgent.request()))
                  .isEqualTo(
                      new CaAnswer.Refused(
                          "AGENT_ACCOUNT_NOT_ALLOWED", false, Status.Code.PERMISSION_DENIED)));
      assertThat(ca.attest(unbound, StolenAgent.request()))
          .isEqualTo(
              new CaAnswer.Refused("TOKEN_NOT_POD_BOUND", false, Status.Code.UNAUTHENTICATED));
      assertThat(ca.attest(Drills.named(kubeletTokens, "on-a"), StolenAgent.request()))
          .as("a pod's token for pods")
          .isEqualTo(new CaAnswer.Refused("TOKEN_REJECTED", false, Status.Code.UNAUTHENTICATED));
    }
  }

  /** T14: a pod's token is worth nothing without the SVID of its node's agent. */
  @Test
  void t14_podsCannotAskForThemselves() throws Exception {
    String token = Drills.named(kubeletTokens, "on-a");
    KeyPair key = CaClient.newKey();
    StolenAgent agent = StolenAgent.of(Lab.NODE_A, folder);
    CaAnswer own = agent.askWith(token, CertificateRequests.forKey(key));
    assertThat(own).isInstanceOf(CaAnswer.Issued.class);
    X509Svid workload = X509Svid.of(((CaAnswer.Issued) own).chain(), key.getPrivate());

    try (CaClient nobody = CaClient.anonymous(agent.server());
        CaClient pod = CaClient.as(agent.server(), workload)) {
      assertThat(List.of(nobody, pod))
          .allSatisfy(caller ->
              assertThat(caller.issue(token, StolenAgent.request()))
                  .isEqualTo(
                      new CaAnswer.Refused(
                          "CALLER_NOT_AGENT", false, Status.Code.UNAUTHENTICATED)));
    }
  }

  /**
   * T13: of two that use one agent's token only the last is the agent; and the real one, whose
   * identity was taken, is the agent again without anybody's help.
   */
  @Test
  void t13_newSerialEndsTheOld_andTheRealAgentComesBack() throws Exception {
    StolenAgent agent = StolenAgent.of(Lab.NODE_B, folder);
    X509Svid first = agent.become();
    agent.become();
    try (CaClient ca = CaClient.as(agent.server(), first)) {
      assertThat(ca.issue(Drills.named(kubeletTokens, "on-b"), StolenAgent.request()))
          .isInstanceOfSatisfying(
              CaAnswer.Refused.class,
              refused -> {
                assertThat(refused.reason()).isEqualTo("AGENT_NOT_LIVE");
                assertThat(refused.retryable()).isTrue();
              });
    }

    JsonObject svid =
        ProbePod.events(
                ProbePod.of(STOLEN, "after", "on-b", Lab.NODE_B, "watch")
                    .start()
                    .probe("fetch")
                    .orFail())
            .getLast();
    assertThat(Kubectl.text(svid, "id")).isEqualTo(Signet.id(STOLEN, "on-b"));
  }
}
