package dev.signet.sandbox.demo;

import dev.signet.sandbox.shop.ProgramLine;
import dev.signet.sandbox.world.PodRef;
import dev.signet.sandbox.world.Workload;
import dev.signet.sandbox.world.World;
import dev.signet.workload.WorkloadApiEndpoint;
import dev.signet.workload.X509Source;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Pods start, and are somebody by the time their programs run. */
final class IdentityChapter implements Chapter {
  private static final List<Integer> COLUMNS = List.of(10, 8, 42);
  private static final int WARM_UP = 10;
  private static final int MEASURED = 15;
  private static final double TARGET_MILLIS = 100;
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @Override
  public String title() {
    return "Pods get identities from nothing but their ServiceAccounts";
  }

  @Override
  public void play(Scene scene) throws Exception {
    scene.narrator().row(COLUMNS, "pod", "node", "attested and issued as", "publish to SVID");
    for (Shop.Member member : Shop.MEMBERS) {
      FirstSvids before = FirstSvids.of(scene.world(), member.node());
      ProgramLine line = scene.shop().start(member);
      String id = line.order("identity").text("id");
      String time = FirstSvids.of(scene.world(), member.node()).since(before);
      scene.narrator().row(COLUMNS, member.name(), member.node(), id, time);
      scene
          .verdicts()
          .add(
              member.name() + " has an identity",
              "that of its account",
              id,
              id.equals(scene.shop().id(member.name())));
    }
    warm(scene);
  }

  /** With pods that run nothing, whose socket is opened the moment it is mounted. */
  private static void warm(Scene scene) throws Exception {
    World world = scene.world();
    String node = Shop.MEMBERS.getFirst().node();
    world.cluster().createAccount(Shop.NAMESPACE, "visitor");
    double[] millis = new double[WARM_UP + MEASURED];
    for (int i = 0; i < millis.length; i++) {
      millis[i] = onOpenStream(world, node, "visitor-" + i);
    }
    double[] sorted =
        IntStream.range(WARM_UP, millis.length).mapToDouble(i -> millis[i]).sorted().toArray();
    double median = sorted[sorted.length / 2];
    double worst = sorted[sorted.length - 1];
    scene
        .narrator()
        .line(
            "From NodePublishVolume to the SVID on an open stream, once warm: median %.0f ms, worst %.0f ms of %d pods."
                .formatted(median, worst, sorted.length));
    scene
        .verdicts()
        .add(
            "publish to SVID on an open stream",
            "< %.0f ms once warm".formatted(TARGET_MILLIS),
            "median %.0f ms, worst %.0f ms".formatted(median, worst),
            median < TARGET_MILLIS);
  }

  /**
   * The call until its socket listened, by the agent; from then to the first message, by a client.
   */
  private static double onOpenStream(World world, String node, String pod) throws Exception {
    double before = listening(world, node);
    PodRef ref = world.run(Workload.pause(Shop.NAMESPACE, pod, "visitor", node));
    double stream =
        world
            .node(node)
            .socket(ref)
            .thenApply(socket -> {
              try (X509Source _ =
                  X509Source.open(WorkloadApiEndpoint.parse(socket.endpoint()), LIMIT)) {
                return (System.nanoTime() - socket.mountedNanos()) / 1e6;
              }
            })
            .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    double publish = listening(world, node) - before;
    world.cluster().deletePod(ref, 0);
    return publish + stream;
  }

  private static double listening(World world, String node)
      throws IOException, InterruptedException {
    return 1000
        * world.agentMetrics(node).sum("signet_publish_step_seconds_sum", "step=\"socket\"");
  }

  /** An agent's own figures of first SVIDs. */
  private record FirstSvids(double count, double seconds) {
    static FirstSvids of(World world, String node) throws IOException, InterruptedException {
      var metrics = world.agentMetrics(node);
      return new FirstSvids(
          metrics.sum("signet_publish_to_svid_seconds_count"),
          metrics.sum("signet_publish_to_svid_seconds_sum"));
    }

    /** The time of the one SVID that came between. */
    String since(FirstSvids before) {
      return count - before.count == 1
          ? "%.0f ms".formatted(1000 * (seconds - before.seconds))
          : "unknown: %.0f came".formatted(count - before.count);
    }
  }
}
