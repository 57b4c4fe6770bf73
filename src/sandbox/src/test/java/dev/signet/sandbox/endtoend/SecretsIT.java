package dev.signet.sandbox.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.sandbox.world.CaAnswer;
import dev.signet.sandbox.world.CaClient;
import dev.signet.sandbox.world.CertificateRequests;
import dev.signet.sandbox.world.PodRef;
import dev.signet.sandbox.world.StolenNode;
import dev.signet.sandbox.world.World;
import dev.signet.spiffe.X509Svid;
import dev.signet.workload.X509Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** CA and agents, asked to log everything, log no token and no key (THREATS.md T35). */
@ExtendWith(SharedWorld.class)
class SecretsIT {
  private static final String NAMESPACE = "secrets";

  @BeforeAll
  static void prepare(World world) {
    world.cluster().createNamespace(NAMESPACE);
    world.cluster().createAccount(NAMESPACE, "app");
  }

  @Test
  void noTokenAndNoKey_isInAnyLog(World world) throws Exception {
    List<String> secrets = new ArrayList<>();
    try (PodSource pod = PodSource.start(world, NAMESPACE, "app", "app", "node-1");
        X509Source source = pod.open()) {
      secrets.addAll(Secrets.traces(source.context().svid().privateKey()));
    }
    StolenNode node = world.stealNode("secrets-node");
    PodRef pod = node.pod(NAMESPACE, "stolen", "app");
    String agentToken = node.agentToken();
    String good = node.token(pod, world.config().workloadAudience());
    String bad = node.token(pod, "https://vault.example");
    secrets.addAll(List.of(agentToken, good, bad));
    X509Svid agent;
    try (CaClient ca = CaClient.anonymous(world.ca().server())) {
      agent = ca.becomeAgent(agentToken);
      ca.attest(good, CertificateRequests.forKey(CaClient.newKey()));
    }
    try (CaClient ca = CaClient.as(world.ca().server(), agent)) {
      assertThat(ca.issue(good, CertificateRequests.forKey(CaClient.newKey())))
          .isInstanceOf(CaAnswer.Issued.class);
      assertThat(ca.issue(bad, CertificateRequests.forKey(CaClient.newKey())))
          .isInstanceOf(CaAnswer.Refused.class);
    }

    Map<String, String> logs = Logs.of(world);
    // Otherwise the test would pass on silent processes.
    assertThat(logs.get("ca.log")).contains("DEBUG");
    assertThat(logs.get("signet-agent-node-1.log")).contains("DEBUG");
    logs.forEach((file, text) -> {
      assertThat(Secrets.tokensIn(text)).as(file).isEmpty();
      for (String secret : secrets) {
        assertThat(text.contains(secret)).as("a secret in " + file).isFalse();
      }
    });
  }
}
