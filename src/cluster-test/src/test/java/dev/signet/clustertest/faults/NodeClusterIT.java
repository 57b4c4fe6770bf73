package dev.signet.clustertest.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.ProbePod;
import dev.signet.clustertest.lab.Prober;
import dev.signet.clustertest.lab.Signet;
import dev.signet.sandbox.world.Eventually;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * A node loses its power, and its Node object. The first needs the pods that the second does not.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class NodeClusterIT {
  private static final String NAMESPACE = "faults-node";
  private static final int PODS = 20;
  private static final Duration SOON = Duration.ofSeconds(60);

  @BeforeAll
  static void start() {
    Signet.ensure();
    Signet.namespace(NAMESPACE, "restricted");
    Signet.account(NAMESPACE, "app");
  }

  @AfterAll
  static void leaveItRunning() throws Exception {
    Lab.lab("start", Lab.NODE_B).orFail();
    Teardown.awaitHealth();
    Kubectl.removeNamespace(NAMESPACE);
  }

  @Test
  @Order(1)
  void f23_nodeRebooted_everyPodHasANewSvidSoon_andNothingOfTheEarlierBoot() throws Exception {
    Prober elsewhere = Prober.within(NAMESPACE, Lab.NODE_A);
    deploy();
    awaitRunning(0);
    Set<String> before = new HashSet<>(awaitSvids(Set.of()).stream().map(Svid::serial).toList());
    assertThat(before).hasSize(PODS);
    double signed = Signatures.forWorkloads();

    elsewhere.unharmedBy(() -> {
      Lab.lab("kill", Lab.NODE_B).orFail();
      long start = System.nanoTime();
      Lab.lab("start", Lab.NODE_B).orFail();
      awaitRunning(1);
      List<Svid> after = awaitSvids(before);
      System.out.printf(
          "F23: %d pods hold an SVID %d ms after the node was switched on, at most %d ms after their"
              + " programs' starts%n",
          after.size(),
          Duration.ofNanos(System.nanoTime() - start).toMillis(),
          after.stream().mapToLong(Svid::sinceStart).max().orElseThrow());
      assertThat(after).allMatch(svid -> svid.sinceStart() < 30_000);
      Signet.awaitAgent(Lab.NODE_B);
    });

    assertThat(Signatures.forWorkloads() - signed).isEqualTo(PODS);
    assertThat(Signet.agentMetric(Lab.NODE_B, "signet_recovered_volumes_total", ""))
        .as("volumes of the earlier boot")
        .isZero();
    assertThat(pods())
        .hasSize(PODS)
        .allMatch(ProbePod::isReady)
        .allMatch(pod -> Volume.mounts(Lab.NODE_B, Kubectl.text(pod, "metadata.uid")).size() == 1);
    Kubectl.run("delete", "deployment", "many", "-n", NAMESPACE).orFail();
  }

  @Test
  @Order(2)
  void f24_nodeObjectCreatedAnew_runningPodsNoticeNothing_andNewOnesWaitForNobody()
      throws Exception {
    Kubectl.run("delete", "pods", "--all", "-n", NAMESPACE, "--timeout=60s").orFail();
    Prober prober = Prober.between(NAMESPACE, Lab.NODE_A, Lab.NODE_B);
    ProbePod running = ProbePod.of(NAMESPACE, "running", "app", Lab.NODE_B, "watch").start();
    ProbePod next = ProbePod.of(NAMESPACE, "next", "app", Lab.NODE_B, "watch");
    Volume before = Volume.of(running);
    String node = Kubectl.text(Kubectl.get("node", Lab.NODE_B), "metadata.uid");
    String agent = Signet.awaitAgent(Lab.NODE_B);
    int restarts = Container.restartsOfAgent(Lab.NODE_B);
    double refused = Signatures.refused("NODE_UID_MISMATCH");

    prober.unharmedBy(() -> {
      Kubectl.run("delete", "node", Lab.NODE_B).orFail();
      // Kubelet registers its node when it starts, and never again.
      Lab.lab("restart", Lab.NODE_B + "/kubelet").orFail();
      Kubectl.await(
          SOON,
          "default",
          "node/" + Lab.NODE_B,
          object -> !Kubectl.text(object, "metadata.uid").equals(node));
      long start = System.nanoTime();
      next.start();
      next.awaitEvent(SOON, event -> Kubectl.text(event, "event").equals("svid"));
      System.out.println(
          "F24: a new pod is served "
              + Duration.ofNanos(System.nanoTime() - start).toMillis()
              + " ms after its creation");
    });

    assertThat(Signatures.refused("NODE_UID_MISMATCH")).isGreaterThan(refused);
    assertThat(Signet.awaitAgent(Lab.NODE_B)).as("the agent's pod").isEqualTo(agent);
    assertThat(Container.restartsOfAgent(Lab.NODE_B)).isEqualTo(restarts);
    assertThat(Volume.of(running)).isEqualTo(before);
  }

  private static void deploy() {
    String pod = ProbePod.of(NAMESPACE, "many", "app", Lab.NODE_B, "watch").yaml();
    Kubectl.create(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: many, namespace: %s}
            spec:
              replicas: %d
              selector: {matchLabels: {app: many}}
              template:
                metadata: {labels: {app: many}}
            %s\
            """
                .formatted(NAMESPACE, PODS, pod.substring(pod.indexOf("spec:")).indent(4)))
        .orFail();
  }

  /** All pods are ready, and have been started again so many times. */
  private static void awaitRunning(int restarts) throws InterruptedException {
    if (Eventually.await(
            SOON.multipliedBy(2),
            () ->
                Optional.of(pods())
                    .filter(all -> all.size() == PODS)
                    .filter(all -> all.stream().allMatch(pod -> isRunning(pod, restarts))))
        .isEmpty()) {
      throw new AssertionError(
          "not all pods run: " + Kubectl.run("get", "pods,events", "-n", NAMESPACE).all());
    }
  }

  private static boolean isRunning(JsonObject pod, int restarts) {
    return ProbePod.isReady(pod) && Container.restarts(pod) >= restarts;
  }

  private record Svid(String serial, long sinceStart) {
    static Svid of(JsonObject event) {
      return new Svid(Kubectl.text(event, "serial"), event.get("since_start_ms").getAsLong());
    }
  }

  /** The first SVID of each pod's program, when each has one that is not among these. */
  private static List<Svid> awaitSvids(Set<String> but) throws InterruptedException {
    return Eventually.await(
            SOON,
            () -> {
              List<Svid> now = svids().stream().filter(svid -> !but.contains(svid.serial)).toList();
              return now.size() == PODS ? Optional.of(now) : Optional.empty();
            })
        .orElseThrow(() ->
            new AssertionError(
                "not all pods have an SVID: "
                    + Kubectl.run("get", "pods,events", "-n", NAMESPACE).all()));
  }

  private static List<Svid> svids() {
    return ProbePod.events(
            Kubectl.run(
                    "logs", "-n", NAMESPACE, "-l", "app=many", "--tail=-1", "--max-log-requests=40")
                .out())
        .stream()
        .filter(event -> Kubectl.text(event, "event").equals("svid"))
        .map(Svid::of)
        .toList();
  }

  private static List<JsonObject> pods() {
    return Kubectl.get("pods", "-n", NAMESPACE, "-l", "app=many")
        .getAsJsonArray("items")
        .asList()
        .stream()
        .map(pod -> pod.getAsJsonObject())
        .toList();
  }
}
