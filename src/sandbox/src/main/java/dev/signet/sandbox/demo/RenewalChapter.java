package dev.signet.sandbox.demo;

import dev.signet.sandbox.shop.Answer;
import dev.signet.sandbox.shop.ProgramLine;
import dev.signet.sandbox.world.Eventually;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** SVIDs are replaced under a connection that stays open, and under new ones. */
final class RenewalChapter implements Chapter {
  private static final List<Integer> COLUMNS = List.of(34);

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
            "An SVID lives %d s here; a new one comes about half way, with a new key."
                .formatted(life.toSeconds()));
    Optional<Answer> renewed =
        Eventually.await(
            life, () -> Optional.of(cart.order("traffic")).filter(RenewalChapter::bothRenewed));
    Answer traffic = renewed.isPresent() ? renewed.get() : cart.order("traffic");
    String svids =
        "cart %d, payments %d"
            .formatted(traffic.number("own-svids"), traffic.number("server-svids"));
    scene.narrator().row(COLUMNS, "SVIDs presented since traffic began", svids);
    scene
        .narrator()
        .row(
            COLUMNS,
            "the connection that stayed open",
            "%d calls on %d connection"
                .formatted(traffic.number("live-calls"), traffic.number("live-connections")));
    String calls = Calls.text(traffic);
    scene.narrator().row(COLUMNS, "all calls so far", calls);
    scene.verdicts().add("both ends renew", "2 SVIDs or more each", svids, bothRenewed(traffic));
    scene
        .verdicts()
        .add(
            "a connection outlives a renewal",
            "the same connection",
            traffic.number("live-calls") + " calls on " + traffic.number("live-connections"),
            traffic.number("live-connections") == 1 && traffic.number("live-calls") > 0);
  }

  private static boolean bothRenewed(Answer traffic) {
    return traffic.number("own-svids") >= 2 && traffic.number("server-svids") >= 2;
  }
}
