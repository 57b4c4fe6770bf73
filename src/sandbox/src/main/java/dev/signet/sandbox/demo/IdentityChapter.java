package dev.signet.sandbox.demo;

import dev.signet.sandbox.shop.ProgramLine;
import dev.signet.sandbox.world.SvidTimer;
import dev.signet.sandbox.world.World;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** Pods start, and are somebody by the time their programs run. */
final class IdentityChapter implements Chapter {
  private static final List<Integer> COLUMNS = List.of(10, 8, 42);
  private static final double TARGET_MILLIS = 100;

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
      String expected = scene.shop().id(member.name());
      scene
          .verdicts()
          .add(
              "identity of " + member.name(),
              scene.shop().brief(expected),
              scene.shop().brief(id),
              id.equals(expected));
    }
    warm(scene);
  }

  /** With pods that run nothing, whose socket is opened the moment it is mounted. */
  private static void warm(Scene scene) throws Exception {
    scene.world().cluster().createAccount(Shop.NAMESPACE, "visitor");
    SvidTimer timer =
        new SvidTimer(scene.world(), Shop.NAMESPACE, "visitor", Shop.MEMBERS.getFirst().node());
    SvidTimer.Times cold = timer.run(1);
    SvidTimer.Times warm = timer.warm(TARGET_MILLIS);
    scene
        .narrator()
        .line(
            String.format(
                Locale.ROOT,
                "From NodePublishVolume to the SVID on an open stream: %.0f ms at first; once warm, median %.0f ms and worst %.0f ms of %d pods.",
                cold.median(),
                warm.median(),
                warm.worst(),
                warm.pods()));
    scene
        .verdicts()
        .add(
            "NodePublishVolume to SVID, once warm",
            String.format(Locale.ROOT, "< %.0f ms", TARGET_MILLIS),
            String.format(
                Locale.ROOT, "median %.0f ms, worst %.0f ms", warm.median(), warm.worst()),
            warm.median() < TARGET_MILLIS);
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
          ? String.format(
              Locale.ROOT,
              "%.0f ms%s",
              1000 * (seconds - before.seconds),
              before.count == 0 ? " (cold)" : "")
          : String.format(Locale.ROOT, "unknown: %.0f came", count - before.count);
    }
  }
}
