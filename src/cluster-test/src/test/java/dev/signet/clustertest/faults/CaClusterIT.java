package dev.signet.clustertest.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.signet.clustertest.lab.FailedMounts;
import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.Output;
import dev.signet.clustertest.lab.ProbePod;
import dev.signet.clustertest.lab.Prober;
import dev.signet.clustertest.lab.Signet;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The CA dies, and stays away for a while. In this order, so that one absence serves all: it ends
 * with the last test.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CaClusterIT {
  private static final String NAMESPACE = "faults-ca";
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final ProbePod LIVE = pod("live", "watch");

  /** It comes while the CA is away. */
  private static final ProbePod NEWCOMER = pod("newcomer", "watch");

  private static Prober prober;
  private static int restarts;

  private static ProbePod pod(String name, String... arguments) {
    return ProbePod.of(NAMESPACE, name, "app", Lab.NODE_B, arguments);
  }

  @BeforeAll
  static void start() throws Exception {
    Signet.ensure();
    Signet.namespace(NAMESPACE, "restricted");
    Signet.account(NAMESPACE, "app");
    LIVE.create();
    prober = Prober.between(NAMESPACE, Lab.NODE_A, Lab.NODE_B);
    LIVE.awaitReady();
    restarts = Container.restartsOfAgent(Lab.NODE_A);
  }

  @AfterAll
  static void leaveItRunning() throws Exception {
    scale(1);
    Teardown.awaitHealth();
    Kubectl.removeNamespace(NAMESPACE);
  }

  private static void scale(int replicas) {
    Kubectl.run("scale", "statefulset/signet-ca", "-n", Signet.NAMESPACE, "--replicas=" + replicas)
        .orFail();
  }

  /** Ends the CA, unless an earlier test has. */
  private static void away() {
    scale(0);
    Kubectl.run(
            "wait", "--for=delete", "pod/" + Signet.CA_POD, "-n", Signet.NAMESPACE, "--timeout=60s")
        .orFail();
  }

  @Test
  @Order(1)
  void f15_caKilled_runningPodsNoticeNothing_andANewOneIsServedWhenItIsBack() throws Exception {
    Volume before = Volume.of(LIVE);
    Container ca = Container.of(Signet.NAMESPACE, Signet.CA_POD);
    ProbePod next = pod("next", "watch");

    prober.unharmedBy(() -> {
      ca.kill();
      next.start();
      next.awaitEvent(SOON, CaClusterIT::isSvid);
      Kubectl.await(SOON, Signet.NAMESPACE, "pod/" + Signet.CA_POD, ProbePod::isReady);
    });

    assertThat(Container.restarts(Signet.NAMESPACE, Signet.CA_POD)).isEqualTo(1);
    assertThat(Volume.of(LIVE)).isEqualTo(before);
    assertThat(Signatures.forWorkloads()).as("by the CA that came back").isEqualTo(1);
  }

  @Test
  @Order(2)
  void f43_republishesWhileTheCaIsAway_succeed_andTheVolumeStays() throws Exception {
    Volume before = Volume.of(LIVE);

    prober.unharmedBy(() -> {
      away();
      Publishes then = Publishes.of(Lab.NODE_B);
      for (int round = 1; round <= 5; round++) {
        // Kubelet publishes again whenever a pod changes.
        Kubectl.run("annotate", "pod", LIVE.name(), "-n", NAMESPACE, "--overwrite", "r=" + round)
            .orFail();
        Publishes.await(Lab.NODE_B, then.succeeded() + round);
      }
      assertThat(Publishes.of(Lab.NODE_B).failed()).isEqualTo(then.failed());
    });

    assertThat(Volume.of(LIVE)).isEqualTo(before);
    assertThat(FailedMounts.of(NAMESPACE, LIVE.name())).isEmpty();
  }

  @Test
  @Order(3)
  void f18_agentKilledWhileTheCaIsAway_servesTheSame_andANewPodWaits() throws Exception {
    Volume before = Volume.of(LIVE);
    away();
    Container agent = Container.ofAgent(Lab.NODE_B);
    NEWCOMER.start();
    Output waits = NEWCOMER.probe("fetch", "--timeout", "2s");
    assertThat(waits.code()).isNotZero();
    assertThat(waits.out()).doesNotContain("PermissionDenied");

    prober.unharmedBy(() -> {
      agent.kill();
      Volume after = before.awaitNewSocket(LIVE);
      assertThat(after.isSameAs(before)).as("%s, and before: %s", after, before).isTrue();
    });

    assertThat(NEWCOMER.events()).noneMatch(CaClusterIT::isSvid);
  }

  @Test
  @Order(4)
  void f18_caBack_whoeverWaitedIsServed_andNobodyElseIsSignedFor() throws Exception {
    assertThat(ProbePod.isReady(Signet.agent(Lab.NODE_B))).isFalse();

    prober.unharmedBy(() -> {
      scale(1);
      NEWCOMER.awaitEvent(SOON, CaClusterIT::isSvid);
      Signet.awaitAgent(Lab.NODE_B);
    });

    assertThat(Signatures.forWorkloads()).isEqualTo(1);
    assertThat(Container.restartsOfAgent(Lab.NODE_A))
        .as("of an agent that was not ready all that time (F46)")
        .isEqualTo(restarts);
  }

  private static boolean isSvid(JsonObject event) {
    return Kubectl.text(event, "event").equals("svid");
  }
}
