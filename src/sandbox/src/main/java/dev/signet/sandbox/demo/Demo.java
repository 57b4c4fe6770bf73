package dev.signet.sandbox.demo;

import dev.signet.sandbox.world.NodeHost;
import dev.signet.sandbox.world.PodRef;
import dev.signet.sandbox.world.Workload;
import dev.signet.sandbox.world.World;
import dev.signet.sandbox.world.WorldConfig;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Tells the story of a shop and an intruder, with a world that really runs. Whatever way it ends,
 * no process and no file of it is left; but where something was not as expected, the logs are.
 */
public final class Demo {
  /**
   * Short, so that a renewal is seen while one watches; an hour is usual. A renewal fails at 0.6 of
   * it at the latest, and the CA's start and the longest pause of an agent (10 s) have to fit into
   * the rest.
   */
  private static final Duration SVID_TTL = Duration.ofSeconds(60);

  /** What is told. */
  public enum Story {
    /** A shop, an intruder, and a CA that dies and comes back. */
    SHOP("Signet demo: a shop on two nodes, and an intruder in the same cluster") {
      @Override
      WorldConfig world() {
        return WorldConfig.defaults().withSvidTtl(SVID_TTL);
      }

      @Override
      List<Chapter> chapters() {
        return List.of(
            new IdentityChapter(),
            new CallsChapter(),
            new IntruderChapter(),
            new RenewalChapter(),
            new OutageChapter());
      }
    },
    /** The trust root is replaced, whatever happens meanwhile. */
    ROTATION("Signet demo: the trust root is rotated, and two replicas of the CA come and go") {
      @Override
      WorldConfig world() {
        return WorldConfig.defaults().withReplicas(2);
      }

      @Override
      List<Chapter> chapters() {
        return List.of(
            new IdentityChapter(),
            new CallsChapter(),
            new RotationChapter(),
            new ReplicaChapter(),
            new FrozenChapter(),
            new EmergencyChapter());
      }
    };

    private final String heading;

    Story(String heading) {
      this.heading = heading;
    }

    abstract WorldConfig world();

    abstract List<Chapter> chapters();
  }

  private static final Duration GUEST_LIMIT = Duration.ofSeconds(30);
  private static final List<Integer> COLUMNS = List.of(8, 16);

  private final Story story;
  private final World world;
  private final Narrator narrator;
  private final Verdicts verdicts = new Verdicts();
  private final long began = System.nanoTime();

  private Demo(Story story, World world, Narrator narrator) {
    this.story = story;
    this.world = world;
    this.narrator = narrator;
  }

  /**
   * Runs the story.
   *
   * @param once whether to end after it; otherwise the world stays up until the process is told to
   *     end
   * @return true if everything was as expected
   */
  public static boolean run(Story story, boolean once, PrintStream out) {
    Narrator narrator = new Narrator(out);
    World world = World.create(story.world());
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("demo-end")
                .unstarted(() -> {
                  narrator.fallSilent();
                  world.close();
                }));
    try {
      return new Demo(story, world, narrator).tell(once);
    } finally {
      world.close();
    }
  }

  private boolean tell(boolean once) {
    narrator.heading(story.heading);
    String at = "the start";
    try {
      narrator.chapter("A cluster starts");
      world.start((what, detail) ->
          narrator.row(
              COLUMNS,
              String.format(Locale.ROOT, "%5.1f s", (System.nanoTime() - began) / 1e9),
              what,
              detail));
      try (Shop shop = Shop.open(world)) {
        Scene scene = new Scene(world, shop, narrator, verdicts);
        for (Chapter chapter : story.chapters()) {
          at = chapter.title();
          narrator.chapter(at);
          chapter.play(scene);
        }
        verdicts.tell(narrator);
        boolean good = verdicts.allGood();
        if (good && !once) {
          stayUp();
        }
        if (!good) {
          keepLogs();
        }
        return good;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (Exception e) {
      narrator.heading("Stopped in \"" + at + "\": " + e.getMessage());
      keepLogs();
      return false;
    }
  }

  private void keepLogs() {
    world.keepLogs();
    narrator.line("The log of every process is in " + world.folder().logs());
  }

  /** Until Ctrl-C, whose shutdown hook ends the world. */
  private void stayUp() throws Exception {
    world.cluster().createAccount(Shop.NAMESPACE, "guest");
    String node = Shop.MEMBERS.getFirst().node();
    PodRef guest = world.run(Workload.pause(Shop.NAMESPACE, "guest", "guest", node));
    NodeHost.Socket socket =
        world.node(node).socket(guest).get(GUEST_LIMIT.toSeconds(), TimeUnit.SECONDS);
    narrator.heading("The world stays up until Ctrl-C");
    narrator.line(
        "The pod `guest` runs nothing and has a socket for a program of yours. Whoever connects to it is that pod:");
    narrator.verbatim("export SPIFFE_ENDPOINT_SOCKET=" + socket.endpoint());
    narrator.line("Any SPIFFE client takes it from there, and follows each renewal:");
    narrator.verbatim(
        "Java   X509Source.open(Duration.ofSeconds(5))   dev.signet:signet-workload-sdk");
    narrator.verbatim(
        "Go     workloadapi.NewX509Source(ctx)           github.com/spiffe/go-spiffe/v2");
    narrator.line("Logs: " + world.folder().logs());
    new CountDownLatch(1).await();
  }
}
