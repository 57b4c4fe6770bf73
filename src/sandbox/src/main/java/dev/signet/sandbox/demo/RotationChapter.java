package dev.signet.sandbox.demo;

import dev.signet.proto.admin.v1.Overview;
import dev.signet.sandbox.shop.Answer;
import dev.signet.sandbox.shop.ProgramLine;
import dev.signet.sandbox.world.AdminLine;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The trust root is replaced under the calls that go on. */
final class RotationChapter implements Chapter {
  static final Duration LIMIT = Duration.ofSeconds(90);
  private static final List<Integer> COLUMNS = List.of(36);

  @Override
  public String title() {
    return "The trust root is rotated at noon";
  }

  @Override
  public void play(Scene scene) throws InterruptedException {
    try (AdminLine line = AdminLine.to(scene.world().ca())) {
      String before = Rotation.signer(line.overview());
      scene.narrator().verbatim("signet rotate start --forced; signet rotate watch");
      Rotation rotation = Rotation.start(line, scene.narrator());
      Optional<Overview> over = rotation.awaitEnd(LIMIT);
      String after = over.map(Rotation::signer).orElse("it did not end: " + missing(line));
      String seen =
          String.format(Locale.ROOT, "%s -> %s in %.1f s", before, after, rotation.seconds());
      scene.narrator().row(COLUMNS, "the root that signs", seen);
      scene
          .verdicts()
          .add(
              "rotation, every consumer confirmed",
              "another root signs",
              over.map(_ -> "in " + String.format(Locale.ROOT, "%.1f s", rotation.seconds()))
                  .orElse(after),
              over.isPresent() && !after.equals(before));
      calls(scene, "calls before, during and after it");
    }
  }

  static String missing(AdminLine line) {
    return Rotation.missing(line.overview()).stream()
        .map(one -> one.getName() + " " + one.getWhy())
        .limit(3)
        .toList()
        .toString();
  }

  /** What the cart's calls have come to so far. */
  static void calls(Scene scene, String what) throws InterruptedException {
    ProgramLine cart = scene.shop().line("cart");
    Answer traffic = cart.order("traffic");
    scene.narrator().row(COLUMNS, what, Calls.text(traffic));
    scene.verdicts().add(what, "0 failed", Calls.text(traffic), Calls.noneFailed(traffic));
  }
}
