package dev.signet.clustertest.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.ProbePod;
import dev.signet.clustertest.lab.Prober;
import dev.signet.clustertest.lab.Signet;
import dev.signet.sandbox.world.Eventually;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The agent and kubelet die and come back under running pods. */
class AgentClusterIT {
  private static final String NAMESPACE = "faults-agent";
  private static final Duration SOON = Duration.ofSeconds(60);

  /** The promise is 2 s. A machine that builds something else meanwhile is not asked to keep it. */
  private static final Duration SOCKET_BACK = Duration.ofSeconds(20);

  private static final ProbePod ON_A = watcher("watcher-a", Lab.NODE_A);
  private static final ProbePod ON_B = watcher("watcher-b", Lab.NODE_B);
  private static Prober prober;
  private static boolean changed;

  private static ProbePod watcher(String name, String node) {
    return ProbePod.of(NAMESPACE, name, "app", node, "watch");
  }

  @BeforeAll
  static void start() throws Exception {
    Signet.ensure();
    Signet.namespace(NAMESPACE, "restricted");
    Signet.account(NAMESPACE, "app");
    ON_A.create();
    ON_B.create();
    prober = Prober.between(NAMESPACE, Lab.NODE_A, Lab.NODE_B);
    ON_A.awaitReady();
    ON_B.awaitReady();
  }

  @AfterAll
  static void leaveItAsItWas() throws Exception {
    Kubectl.removeNamespace(NAMESPACE);
    if (changed) {
      Signet.upgrade(Map.of()).succeeded();
    }
    Teardown.awaitHealth();
  }

  @Test
  void f17_agentKilled_itsPodsKeepFolderMountAndSvid_andNothingIsSigned() throws Exception {
    Volume before = Volume.of(ON_B);
    int updates = svids(ON_B).size();
    double signed = Signatures.forWorkloads();
    Container agent = Container.ofAgent(Lab.NODE_B);

    prober.unharmedBy(() -> {
      long start = System.nanoTime();
      agent.kill();
      Volume after = before.awaitNewSocket(ON_B);
      Duration gap = Duration.ofNanos(System.nanoTime() - start);
      System.out.println("F17: served again " + gap.toMillis() + " ms after SIGKILL");

      assertSame(before, after);
      assertThat(gap).isLessThan(SOCKET_BACK);
      assertThat(awaitUpdate(ON_B, updates)).isEqualTo(before.serial());
      Signet.awaitAgent(Lab.NODE_B);
    });

    assertThat(Signatures.forWorkloads()).isEqualTo(signed);
    assertThat(Signet.agentMetric(Lab.NODE_B, "signet_recovered_volumes_total", "SERVED"))
        .isEqualTo(Signet.agentMetric(Lab.NODE_B, "signet_agent_volumes", ""))
        .isPositive();
  }

  @Test
  void f17_agentPodDeleted_theNextOneServesTheSame() throws Exception {
    Volume before = Volume.of(ON_A);
    double signed = Signatures.forWorkloads();
    String agent = Signet.awaitAgent(Lab.NODE_A);

    prober.unharmedBy(() -> {
      long start = System.nanoTime();
      Kubectl.run("delete", "pod", "-n", Signet.NAMESPACE, agent, "--wait=false").orFail();
      Volume after = before.awaitNewSocket(ON_A);
      System.out.println(
          "F17: served by the next pod "
              + Duration.ofNanos(System.nanoTime() - start).toMillis()
              + " ms after the deletion");

      assertSame(before, after);
      assertThat(Signet.awaitAgent(Lab.NODE_A)).isNotEqualTo(agent);
    });

    assertThat(Signatures.forWorkloads()).isEqualTo(signed);
  }

  @Test
  void f32_agentsUpgradedAndRolledBack_costNothing() throws Exception {
    List<Volume> before = List.of(Volume.of(ON_A), Volume.of(ON_B));
    JsonElement roots = svids(ON_B).getLast().get("roots");
    double signed = Signatures.forWorkloads();
    String ca = uid(Signet.CA_POD);
    String agent = Signet.awaitAgent(Lab.NODE_B);
    int revision = revision();

    prober.unharmedBy(() -> {
      changed = true;
      Signet.upgrade(Map.of("agent.runSize", "80m")).succeeded();
      String upgraded = Signet.awaitAgent(Lab.NODE_B);
      assertThat(upgraded).isNotEqualTo(agent);
      assertThat(runSize()).isEqualTo("81920k");

      Signet.rollback(revision).succeeded();
      changed = false;
      assertThat(Signet.awaitAgent(Lab.NODE_B)).isNotEqualTo(upgraded);
      assertThat(runSize()).isEqualTo("65536k");
    });

    assertSame(before.get(0), Volume.of(ON_A));
    assertSame(before.get(1), Volume.of(ON_B));
    assertThat(Signatures.forWorkloads()).isEqualTo(signed);
    assertThat(svids(ON_B).getLast().get("roots")).isEqualTo(roots);
    assertThat(uid(Signet.CA_POD)).as("the CA, whose values did not change").isEqualTo(ca);
  }

  @Test
  void f19_kubeletRestarted_publishesAgain_andStacksNoMount() throws Exception {
    Volume before = Volume.of(ON_B);
    double signed = Signatures.forWorkloads();
    double faults = Signet.agentMetric(Lab.NODE_B, "signet_republish_errors_total", "");

    prober.unharmedBy(() -> {
      for (int round = 0; round < 3; round++) {
        Lab.lab("restart", Lab.NODE_B + "/kubelet").orFail();
        Publishes.await(Lab.NODE_B, 3);
        assertThat(Volume.mounts(ON_B)).isEqualTo(before.mounts());
      }
    });

    assertSame(before, Volume.of(ON_B));
    assertThat(Signet.agentMetric(Lab.NODE_B, "signet_republish_errors_total", ""))
        .isEqualTo(faults);
    assertThat(Signatures.forWorkloads()).isEqualTo(signed);
  }

  private static void assertSame(Volume before, Volume after) {
    assertThat(before.mounts()).hasSize(1);
    assertThat(after.isSameAs(before)).as("%s, and before: %s", after, before).isTrue();
  }

  private static List<JsonObject> svids(ProbePod pod) {
    return pod.events().stream()
        .filter(event -> Kubectl.text(event, "event").equals("svid"))
        .toList();
  }

  /** The serial on a stream that was open before and is open again. */
  private static String awaitUpdate(ProbePod pod, int updates) throws InterruptedException {
    return Eventually.await(
            SOON,
            () -> {
              List<JsonObject> now = svids(pod);
              return now.size() > updates ? Optional.of(now.getLast()) : Optional.empty();
            })
        .map(svid -> Kubectl.text(svid, "serial"))
        .orElseThrow(() -> new AssertionError("the stream has not come back: " + pod.events()));
  }

  private static String uid(String pod) {
    return Kubectl.text(Kubectl.get("pod", "-n", Signet.NAMESPACE, pod), "metadata.uid");
  }

  private static int revision() {
    return JsonParser.parseString(Signet.history().orFail())
        .getAsJsonArray()
        .asList()
        .getLast()
        .getAsJsonObject()
        .get("revision")
        .getAsInt();
  }

  /** Of the agent's tmpfs on the node, which outlives its agents. */
  private static String runSize() {
    String options =
        Lab.node(Lab.NODE_B, "cat", "/proc/self/mountinfo")
            .orFail()
            .lines()
            .filter(line -> line.contains(" /run/signet "))
            .reduce((first, second) -> second)
            .orElseThrow();
    return options.replaceFirst(".*size=", "").replaceFirst(",.*", "");
  }
}
