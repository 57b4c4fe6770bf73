package dev.signet.clustertest.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.signet.clustertest.lab.Http;
import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.Metrics;
import dev.signet.clustertest.lab.Output;
import dev.signet.clustertest.lab.ProbePod;
import dev.signet.clustertest.lab.Prober;
import dev.signet.clustertest.lab.Signet;
import dev.signet.sandbox.world.Eventually;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The API server answers 429, or not at all. Nothing is granted that it was not asked about. */
class ApiServerClusterIT {
  private static final String NAMESPACE = "faults-api";
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String ISSUED = "kind=\"workload\",reason=\"none\",result=\"issued\"";
  private static final String UNKNOWN = "kind=\"workload\",reason=\"KUBERNETES_UNAVAILABLE\"";
  private static final ProbePod LIVE = pod("live");
  private static Prober prober;
  private static String ca = "";
  private static List<Integer> restarts = List.of();

  private static ProbePod pod(String name) {
    return ProbePod.of(NAMESPACE, name, "app", Lab.NODE_B, "watch");
  }

  @BeforeAll
  static void start() throws Exception {
    Signet.ensure();
    Signet.namespace(NAMESPACE, "restricted");
    Signet.account(NAMESPACE, "app");
    LIVE.create();
    prober = Prober.between(NAMESPACE, Lab.NODE_A, Lab.NODE_B);
    LIVE.awaitReady();
    ca = Kubectl.text(Kubectl.get("pod", "-n", Signet.NAMESPACE, Signet.CA_POD), "status.podIP");
    restarts = restarts();
  }

  private static List<Integer> restarts() throws InterruptedException {
    return List.of(
        Container.restarts(Signet.NAMESPACE, Signet.CA_POD), Container.restartsOfAgent(Lab.NODE_A));
  }

  @AfterAll
  static void leaveItRunning() throws Exception {
    Lab.lab("start", "apiserver").orFail();
    Throttle.remove();
    Teardown.awaitHealth();
    Kubectl.removeNamespace(NAMESPACE);
  }

  @Test
  void f13_apiServerThrottles_aNewPodWaitsAndIsServedAfter() throws Exception {
    Volume before = Volume.of(LIVE);
    double issued = issued();
    double unknown = unknown();
    ProbePod waits = pod("waits");

    prober.unharmedBy(() -> {
      try (Throttle throttle = Throttle.start()) {
        waits.start();
        awaitUnknown(unknown + 2);
        assertThat(throttle.rejected()).isPositive();
        assertThat(waits.events()).noneMatch(ApiServerClusterIT::isSvid);
        assertThat(issued()).isEqualTo(issued);
        assertThat(Volume.of(LIVE)).isEqualTo(before);
      }
      waits.awaitEvent(SOON, ApiServerClusterIT::isSvid);
    });

    assertThat(issued()).isEqualTo(issued + 1);
    assertThat(restarts()).as("of CA and agent (F46)").isEqualTo(restarts);
  }

  @Test
  void f12_apiServerDown_podsAndAnAgentThatRestartsGoOn_andANewPodWaits() throws Exception {
    Volume before = Volume.of(LIVE);
    Container live = Container.of(NAMESPACE, LIVE.name());
    Container agent = Container.ofAgent(Lab.NODE_B);
    double issued = issued();
    double unknown = unknown();
    ProbePod waits = pod("waits-longer");
    int lines = LIVE.events().size();

    prober.unharmedBy(() -> {
      try (Throttle throttle = Throttle.start()) {
        waits.start();
        awaitUnknown(unknown + 1);
        assertThat(throttle.rejected()).isPositive();
        Lab.lab("kill", "apiserver").orFail();
      }
      // Reviews that end in 429 are over; these meet nobody.
      awaitUnknown(unknown() + 1);
      assertThat(Http.ask(ca, 9443, "/readyz").statusCode()).isEqualTo(503);
      assertThat(Http.ask(ca, 9443, "/livez").statusCode()).as("liveness (F46)").isEqualTo(200);

      agent.kill();
      assertThat(awaitServed(live)).isEqualTo(before.serial());
      assertThat(issued()).as("never granted without a review").isEqualTo(issued);

      Lab.lab("start", "apiserver").orFail();
      Throttle.remove();
      waits.awaitEvent(SOON, ApiServerClusterIT::isSvid);
      Signet.awaitAgent(Lab.NODE_B);
    });

    assertThat(Volume.of(LIVE).isSameAs(before)).isTrue();
    assertThat(issued()).isEqualTo(issued + 1);
    assertThat(restarts()).as("of CA and agent (F46)").isEqualTo(restarts);
    assertThat(LIVE.events().stream().skip(lines).filter(ApiServerClusterIT::isSvid))
        .as("what came over the stream once the agent was back")
        .isNotEmpty()
        .allMatch(svid -> Kubectl.text(svid, "serial").equals(before.serial()));
  }

  /** Without the API server kubectl reaches no pod, but the node does. */
  private static String awaitServed(Container container) throws InterruptedException {
    int[] tries = {0};
    return Eventually.await(
            SOON,
            () -> {
              Output fetched =
                  container.exec("f12-" + tries[0]++, "/probe", "fetch", "--timeout", "2s");
              return fetched.code() == 0
                  ? Optional.of(Kubectl.text(ProbePod.events(fetched.out()).getLast(), "serial"))
                  : Optional.empty();
            })
        .orElseThrow(() -> new AssertionError("the agent does not serve"));
  }

  private static boolean isSvid(JsonObject event) {
    return Kubectl.text(event, "event").equals("svid");
  }

  private static double issued() {
    return Metrics.of(ca, 9443).sum("signet_issue_total", ISSUED);
  }

  private static double unknown() {
    return Metrics.of(ca, 9443).sum("signet_issue_total", UNKNOWN);
  }

  private static void awaitUnknown(double atLeast) throws InterruptedException {
    if (Eventually.await(SOON, () -> Optional.of(unknown()).filter(seen -> seen >= atLeast))
        .isEmpty()) {
      throw new AssertionError("the CA has not met an API server that does not answer");
    }
  }
}
