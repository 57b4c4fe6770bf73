package dev.signet.sandbox.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.sandbox.world.Child;
import dev.signet.sandbox.world.Eventually;
import dev.signet.sandbox.world.NodeHost;
import dev.signet.sandbox.world.World;
import dev.signet.sandbox.world.WorldConfig;
import dev.signet.spiffe.X509Svid;
import dev.signet.workload.SourceStatus;
import dev.signet.workload.X509Source;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What workloads notice when the CA or an agent dies: nothing that lasts. */
class OutageIT {
  private static final String NAMESPACE = "outage";
  // A renewal fails at 0.6 of it at the latest; a start of the CA and the longest pause of an agent
  // have to fit into the rest.
  private static final Duration TTL = Duration.ofSeconds(60);
  private static World world;

  @BeforeAll
  static void start() throws Exception {
    world = World.started(WorldConfig.defaults().withNodes("node-1").withSvidTtl(TTL));
    world.cluster().createNamespace(NAMESPACE);
    world.cluster().createAccount(NAMESPACE, "app");
  }

  @AfterAll
  static void end() {
    world.close();
  }

  @Test
  void caIsDown_theSvidIsKept_andRenewedOnceItIsBack() throws Exception {
    try (PodSource pod = PodSource.start(world, NAMESPACE, "patient", "app", "node-1");
        X509Source source = pod.open()) {
      X509Svid before = source.context().svid();
      world.ca().kill();
      Optional<Boolean> missed =
          Eventually.await(
              TTL, () -> Optional.of(world.failedRequests() > 0).filter(failed -> failed));
      assertThat(missed).as("a renewal was tried in vain").isPresent();
      assertThat(source.context().svid().serial()).isEqualTo(before.serial());

      world.ca().start();

      assertThat(otherSerial(source, before)).isPresent();
      assertThat(source.status().state()).isEqualTo(SourceStatus.State.READY);
    }
  }

  @Test
  void agentIsKilled_theSvidIsServedOn_andRenewedOnceKubeletHasPublishedAgain() throws Exception {
    NodeHost node = world.node("node-1");
    try (PodSource pod = PodSource.start(world, NAMESPACE, "kept", "app", "node-1");
        X509Source source = pod.open()) {
      X509Svid before = source.context().svid();
      AgentRecord.of(node, pod.pod()).await();
      Child killed = node.agent().orElseThrow();
      killed.kill();

      Optional<Child> next =
          Eventually.await(
              PodSource.LIMIT,
              () -> node.agent().filter(child -> child.alive() && child.pid() != killed.pid()));
      assertThat(next).isPresent();
      node.awaitAgent();
      // The one that was open all the time, and a new one.
      assertThat(source.context().svid().serial()).isEqualTo(before.serial());
      try (X509Source fresh = pod.open()) {
        assertThat(fresh.context().svid().serial()).isEqualTo(before.serial());
      }

      node.republish(pod.pod()).get(PodSource.LIMIT.toSeconds(), TimeUnit.SECONDS);

      assertThat(otherSerial(source, before)).isPresent();
      assertThat(source.status().state()).isEqualTo(SourceStatus.State.READY);
    }
  }

  private static Optional<X509Svid> otherSerial(X509Source source, X509Svid before)
      throws InterruptedException {
    return Eventually.await(
        TTL,
        () ->
            Optional.of(source.context().svid())
                .filter(svid -> !svid.serial().equals(before.serial())));
  }
}
