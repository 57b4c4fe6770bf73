package dev.signet.sandbox.demo;

import dev.signet.sandbox.shop.Answer;
import dev.signet.sandbox.shop.ProgramLine;
import dev.signet.sandbox.world.Eventually;
import dev.signet.sandbox.world.World;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The CA is killed, missed, and started again. */
final class OutageChapter implements Chapter {
  /** Digits of a serial number that tell it from others. */
  private static final int SHOWN = 12;

  private static final List<Integer> COLUMNS = List.of(36);

  @Override
  public String title() {
    return "The CA is killed and comes back";
  }

  @Override
  public void play(Scene scene) throws InterruptedException, IOException {
    World world = scene.world();
    ProgramLine cart = scene.shop().line("cart");
    String rootBefore = Files.readString(world.ca().bundle());
    long callsBefore = cart.order("traffic").number("calls");
    long triedBefore = world.failedRequests();
    long killed = System.nanoTime();
    world.ca().kill();
    scene
        .narrator()
        .row(COLUMNS, "kill -9 of the CA", world.ca().alive() ? "it lives" : "it is gone");
    Duration longest = world.config().svidTtl().dividedBy(2);
    Eventually.await(
        longest, () -> world.failedRequests() > triedBefore ? Optional.of(true) : Optional.empty());
    scene.narrator().row(COLUMNS, "renewals tried in vain", world.failedRequests() - triedBefore);
    world.ca().start();
    Duration down = Duration.ofNanos(System.nanoTime() - killed);
    boolean sameRoot = Files.readString(world.ca().bundle()).equals(rootBefore);
    scene
        .narrator()
        .row(
            COLUMNS,
            "started again, down for",
            String.format(
                Locale.ROOT,
                "%.1f s; %s",
                down.toMillis() / 1000.0,
                sameRoot ? "the same root" : "ANOTHER ROOT"));
    scene
        .verdicts()
        .add(
            "restart of the CA",
            "the same trust root",
            sameRoot ? "the same" : "another",
            sameRoot);
    Answer traffic = renewals(scene, cart);
    scene
        .narrator()
        .row(
            COLUMNS,
            "calls while it was down and since",
            String.format(Locale.ROOT, "%d made", traffic.number("calls") - callsBefore));
    String calls = Calls.text(traffic);
    scene.narrator().row(COLUMNS, "all calls of the story", calls);
    scene
        .verdicts()
        .add("calls of the cart, all along", "0 failed", calls, Calls.noneFailed(traffic));
  }

  /** Waits until the cart has been given a new SVID by the restarted CA. */
  private static Answer renewals(Scene scene, ProgramLine cart) throws InterruptedException {
    Optional<String> first = cart.order("identity").fact("serial");
    Optional<String> renewed =
        Eventually.await(
            scene.world().config().svidTtl(),
            () ->
                cart.order("identity")
                    .fact("serial")
                    .filter(now -> !first.equals(Optional.of(now))));
    String seen =
        renewed.map(serial -> "serial " + serial.substring(0, SHOWN) + "...").orElse("none came");
    scene.narrator().row(COLUMNS, "the cart's next SVID", seen);
    scene.verdicts().add("renewal after the restart", "a new SVID", seen, renewed.isPresent());
    return cart.order("traffic");
  }
}
