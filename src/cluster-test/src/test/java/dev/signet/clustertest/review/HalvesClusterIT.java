package dev.signet.clustertest.review;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.ProbePod;
import dev.signet.clustertest.lab.Release;
import dev.signet.clustertest.lab.Signet;
import dev.signet.sandbox.world.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A CA in one place and the agents of a cluster in another, installed as docs/install.md says: the
 * agents know it by an address and by what it has published, it knows their cluster by name, issuer
 * and keys. That both places are one lab changes nothing: neither has anything of the other.
 */
class HalvesClusterIT {
  private static final String TRUST_DOMAIN = "elsewhere.test";
  private static final String PODS = "edge-pods";
  private static final Release CA = new Release("central", "signet-central");
  private static final Release AGENTS = new Release("edge", Signet.NAMESPACE);
  private static final String CA_FOLDER = "/var/lib/signet-central";
  private static final String CA_PORT = "30843";
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir private static Path folder;
  private static TokenKeys keys;

  @BeforeAll
  static void install() throws Exception {
    Signet.ensure();
    Signet.uninstall().orFail();
    keys = TokenKeys.fetch(folder);
    Signet.namespace(CA.namespace(), "privileged");
    Lab.node(Lab.NODE_B, "install", "-d", "-m", "0700", "-o", "65532", "-g", "65532", CA_FOLDER)
        .orFail();
    Map<String, String> values = caValues();
    values.putAll(keys.values());
    CA.upgrade(values, keys.files()).orFail();
    Kubectl.apply(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: signet-ca-outside, namespace: %s}
        spec:
          type: NodePort
          selector: {app.kubernetes.io/name: signet, app.kubernetes.io/component: ca}
          ports: [{port: 8443, nodePort: %s}]
        """
            .formatted(CA.namespace(), CA_PORT));
    Signet.namespace(AGENTS.namespace(), "privileged");
    AGENTS.upgrade(agentValues(), Map.of("agent.ca.trustBundle", published())).orFail();
  }

  private static Map<String, String> caValues() {
    Map<String, String> values = common();
    values.put("agent.enabled", "false");
    values.put("ca.agentAccounts", "{" + AGENTS.namespace() + "/signet-agent}");
    values.put("ca.persistence.hostPath", CA_FOLDER);
    values.put("ca.nodeSelector.kubernetes\\.io/hostname", Lab.NODE_B);
    return values;
  }

  private static Map<String, String> agentValues() {
    Map<String, String> values = common();
    values.put("ca.enabled", "false");
    values.put("agent.review", "agent");
    values.put("agent.ca.address", nodeAddress(Lab.NODE_A) + ":" + CA_PORT);
    return values;
  }

  private static Map<String, String> common() {
    return new TreeMap<>(
        Map.of("trustDomain", TRUST_DOMAIN, "clusterName", "edge", "image.pullPolicy", "Never"));
  }

  private static String nodeAddress(String node) {
    return Kubectl.run(
            "get",
            "node",
            node,
            "-o",
            "jsonpath={.status.addresses[?(@.type==\"InternalIP\")].address}")
        .orFail();
  }

  private static Path published() throws Exception {
    String bundle =
        Kubectl.run(
                "get",
                "configmap",
                "signet-trust-bundle",
                "-n",
                CA.namespace(),
                "-o",
                "jsonpath={.data.bundle\\.pem}")
            .orFail();
    return Files.writeString(folder.resolve("bundle.pem"), bundle);
  }

  @AfterAll
  static void leaveItAsItWas() {
    Kubectl.removeNamespace(PODS);
    AGENTS.uninstall().orFail();
    CA.uninstall().orFail();
    Kubectl.run("delete", "namespace", CA.namespace(), "--timeout=90s").orFail();
    Lab.node(Lab.NODE_B, "rm", "-rf", CA_FOLDER).orFail();
    Signet.ensure();
  }

  @Test
  void agentsServeTheirClusterFromACaElsewhere_untilItsConfigurationSaysThatItLooksItself()
      throws Exception {
    Callers callers = Callers.start(PODS, TRUST_DOMAIN);

    callers.assertCall();
    assertThat(CA.caMetric("signet_issue_total", "review=\"agent\"")).isGreaterThanOrEqualTo(2);
    assertThat(CA.caMetric("signet_issue_total", "review=\"ca\"")).isZero();
    assertThat(AccountRights.of(CA.namespace(), "signet-ca"))
        .containsExactlyInAnyOrder(
            "create configmaps", "get update configmaps named signet-trust-bundle");
    assertThat(AccountRights.of(AGENTS.namespace(), "signet-agent"))
        .containsExactly("create tokenreviews");

    CA.upgrade(caValues(), Map.of()).orFail();

    ProbePod refused = ProbePod.of(PODS, "refused", "client", Lab.NODE_A, "watch").create();
    assertThat(
            Eventually.await(
                SOON,
                () ->
                    Optional.of(
                            CA.caMetric(
                                "signet_issue_total", "reason=\"AGENT_REVIEW_NOT_ALLOWED\""))
                        .filter(count -> count > 0)))
        .as("the CA refuses what comes with a review")
        .isPresent();
    assertThat(
            Signet.agentMetric(
                Lab.NODE_A, "signet_issue_total", "reason=\"AGENT_REVIEW_NOT_ALLOWED\""))
        .isPositive();
    assertThat(refused.lastSvid()).isEmpty();
    callers.assertCall();
  }
}
