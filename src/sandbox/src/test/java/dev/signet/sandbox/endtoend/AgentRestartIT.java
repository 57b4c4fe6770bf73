package dev.signet.sandbox.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.proto.spiffe.X509SVID;
import dev.signet.sandbox.world.Child;
import dev.signet.sandbox.world.Eventually;
import dev.signet.sandbox.world.Metrics;
import dev.signet.sandbox.world.NodeHost;
import dev.signet.sandbox.world.World;
import dev.signet.sandbox.world.WorldConfig;
import dev.signet.spiffe.X509Svid;
import dev.signet.workload.SourceStatus;
import dev.signet.workload.X509Source;
import io.grpc.Status;
import java.io.IOException;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * {@code kill -9} of the real agent under streaming pods, with the CA up and with the CA down
 * (FAULTS.md F17, F18, F32): the same SVIDs come from the same paths, before kubelet publishes
 * anything again, and the CA signs nothing for them.
 */
class AgentRestartIT {
  private static final String NAMESPACE = "restart";
  private static final String NODE = "node-1";

  /** A node's pods; SVIDs live so long that nothing is renewed meanwhile. */
  private static final int PODS = 20;

  /** Of a JVM's start on a busy machine; the promise of two seconds is measured, not asserted. */
  private static final Duration BACK = Duration.ofSeconds(30);

  private static final List<PodSource> pods = new ArrayList<>();
  private static World world;

  @BeforeAll
  static void start() throws Exception {
    // Kubelet does not publish again by itself: what is served comes from the records.
    world =
        World.started(
            WorldConfig.defaults().withNodes(NODE).withKubeletSync(Duration.ofMinutes(30)));
    world.cluster().createNamespace(NAMESPACE);
    world.cluster().createAccount(NAMESPACE, "app");
    for (int i = 0; i < PODS; i++) {
      pods.add(PodSource.start(world, NAMESPACE, "app-" + i, "app", NODE));
    }
  }

  @AfterAll
  static void end() {
    world.close();
  }

  @Test
  void agentIsKilled_caUp_sameSvidsBeforeAnyRepublish_andNothingIsSigned() throws Exception {
    List<X509SVID> before = everyPodsSvid();
    awaitRecords();
    long signed = signatures();
    try (WorkloadStream open = new WorkloadStream(pods.getFirst().socket().path());
        X509Source source = pods.getLast().open()) {
      open.next();
      X509Svid held = source.context().svid();

      Child agent = killAgent();

      assertThat(open.ended().get(10, TimeUnit.SECONDS).getCode())
          .isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(everyPodsSvid()).isEqualTo(before);
      node().awaitAgent();
      republishAll();
      assertThat(everyPodsSvid()).isEqualTo(before);
      assertThat(signatures()).isEqualTo(signed);
      assertThat(agentFigure("signet_recovered_volumes_total", "SERVED")).isEqualTo(PODS);
      assertThat(agentFigure("signet_republish_errors_total")).isZero();
      assertThat(agentFigure("signet_issue_total")).isZero();
      // The client library came back by itself, and never knew.
      assertThat(
              Eventually.await(
                  BACK,
                  () ->
                      Optional.of(source.status().state())
                          .filter(state -> state == SourceStatus.State.READY)))
          .isPresent();
      assertThat(source.context().svid().serial()).isEqualTo(held.serial());
      assertThat(agent.alive()).isFalse();
    }
  }

  @Test
  void agentIsKilled_caDown_sameSvids_andNothingIsSignedWhenItIsBack() throws Exception {
    List<X509SVID> before = everyPodsSvid();
    awaitRecords();
    long signed = signatures();
    world.ca().kill();
    try {
      killAgent();
      assertThat(everyPodsSvid()).isEqualTo(before);
      republishAll();
      assertThat(everyPodsSvid()).isEqualTo(before);
    } finally {
      world.ca().start();
    }
    node().awaitAgent();
    republishAll();

    assertThat(everyPodsSvid()).isEqualTo(before);
    assertThat(signatures()).isEqualTo(signed);
    // A new pod gets its own, by the same agent.
    try (PodSource fresh = PodSource.start(world, NAMESPACE, "fresh", "app", NODE);
        WorkloadStream stream = new WorkloadStream(fresh.socket().path())) {
      assertThat(stream.next().getSvidsCount()).isEqualTo(1);
    }
    assertThat(signatures()).isEqualTo(signed + 1);
  }

  @Test
  void agentStopsInGoodOrder_mountsAndRecordsStay_andUnpublishEndsThem() throws Exception {
    PodSource pod = PodSource.start(world, NAMESPACE, "rolled", "app", NODE);
    X509SVID before = svid(pod);
    AgentRecord record = AgentRecord.of(node(), pod.pod());
    record.await();
    Child agent = node().agent().orElseThrow();

    agent.close();

    assertThat(Files.isDirectory(pod.socket().path().resolveSibling("."))).isTrue();
    assertThat(record.file()).isRegularFile();
    awaitAnotherThan(agent);
    assertThat(svid(pod)).isEqualTo(before);
    pod.close();
    Optional<Boolean> gone =
        Eventually.await(
            BACK,
            () ->
                Optional.of(
                        Files.notExists(record.file(), LinkOption.NOFOLLOW_LINKS)
                            && Files.notExists(pod.socket().path(), LinkOption.NOFOLLOW_LINKS))
                    .filter(absent -> absent));
    assertThat(gone).isPresent();
  }

  private static NodeHost node() {
    return world.node(NODE);
  }

  private static Child killAgent() throws InterruptedException {
    Child agent = node().agent().orElseThrow();
    agent.kill();
    awaitAnotherThan(agent);
    return agent;
  }

  private static void awaitAnotherThan(Child agent) throws InterruptedException {
    assertThat(
            Eventually.await(
                BACK,
                () -> node().agent().filter(child -> child.alive() && child.pid() != agent.pid())))
        .as("kubelet starts the agent again")
        .isPresent();
  }

  private static void republishAll() throws Exception {
    CompletableFuture.allOf(
            pods.stream().map(pod -> node().republish(pod.pod())).toArray(CompletableFuture[]::new))
        .get(BACK.toSeconds(), TimeUnit.SECONDS);
  }

  private static List<X509SVID> everyPodsSvid() throws Exception {
    var svids = new ArrayList<X509SVID>();
    for (PodSource pod : pods) {
      svids.add(svid(pod));
    }
    return svids;
  }

  /** SVID, key and bundle, on a new stream as soon as the socket takes connections. */
  private static X509SVID svid(PodSource pod) throws Exception {
    Path socket = pod.socket().path();
    assertThat(Eventually.await(BACK, () -> listening(socket)))
        .as("the socket of " + pod.pod().name() + " takes connections")
        .isPresent();
    try (WorkloadStream stream = new WorkloadStream(socket)) {
      return stream.next().getSvids(0);
    }
  }

  private static Optional<Path> listening(Path socket) throws IOException {
    // A Unix path is short: the link that a container has for its mount counts.
    try (SocketChannel _ = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      return Optional.of(socket);
    } catch (SocketException refusedOrAbsent) {
      return Optional.empty();
    }
  }

  private static void awaitRecords() throws InterruptedException {
    for (PodSource pod : pods) {
      AgentRecord.of(node(), pod.pod()).await();
    }
  }

  /** Certificates of workloads that the CA has ever signed, by its records. */
  private static long signatures() throws Exception {
    try (StoreFile store = StoreFile.of(world.ca())) {
      return Long.parseLong(
          store.strings("SELECT count(*) FROM issuance WHERE kind = 'WORKLOAD'").getFirst());
    }
  }

  private static double agentFigure(String name, String... labels) throws Exception {
    Metrics metrics = world.agentMetrics(NODE);
    return metrics.sum(name, labels);
  }
}
