package dev.signet.sandbox.demo;

import dev.signet.sandbox.shop.Answer;
import dev.signet.sandbox.shop.ProgramLine;
import dev.signet.sandbox.world.Eventually;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/** SVIDs are replaced under a connection that stays open, and under new ones. */
final class RenewalChapter implements Chapter {
  private static final List<Integer> COLUMNS = List.of(36);
  private static final Duration ONE_MORE = Duration.ofSeconds(10);
  private static final int LIVE_CALLS_AFTER = 20;

  @Override
  public String title() {
    return "Renewal under live connections";
  }

  @Override
  public void play(Scene scene) throws InterruptedException {
    ProgramLine cart = scene.shop().line("cart");
    Duration life = scene.world().config().svidTtl();
    scene
        .narrator()
        .line(
            String.format(
                Locale.ROOT,
                "An SVID lives %d s here; a new one comes about half way, with a new key.",
                life.toSeconds()));
    Answer renewed = await(cart, life, RenewalChapter::bothRenewed);
    long liveBefore = renewed.number("live-calls");
    Answer traffic =
        await(cart, ONE_MORE, now -> now.number("live-calls") >= liveBefore + LIVE_CALLS_AFTER);
    String svids =
        String.format(
            Locale.ROOT,
            "cart %d, payments %d",
            traffic.number("own-svids"),
            traffic.number("server-svids"));
    scene.narrator().row(COLUMNS, "SVIDs presented since traffic began", svids);
    String live =
        String.format(
            Locale.ROOT,
            "%d calls on %d, %d since both renewed",
            traffic.number("live-calls"),
            traffic.number("live-connections"),
            traffic.number("live-calls") - liveBefore);
    scene.narrator().row(COLUMNS, "calls on the connection kept open", live);
    scene.narrator().row(COLUMNS, "all calls so far", Calls.text(traffic));
    scene.verdicts().add("renewal at both ends", "2 SVIDs or more", svids, bothRenewed(traffic));
    scene
        .verdicts()
        .add(
            "a connection outlives the renewals",
            "the same serves on",
            live,
            traffic.number("live-connections") == 1 && traffic.number("live-calls") > liveBefore);
  }

  /** The figures once they are as awaited, or as they are in the end. */
  private static Answer await(ProgramLine cart, Duration limit, Predicate<Answer> awaited)
      throws InterruptedException {
    Optional<Answer> traffic =
        Eventually.await(limit, () -> Optional.of(cart.order("traffic")).filter(awaited));
    return traffic.isPresent() ? traffic.get() : cart.order("traffic");
  }

  private static boolean bothRenewed(Answer traffic) {
    return traffic.number("own-svids") >= 2 && traffic.number("server-svids") >= 2;
  }
}
