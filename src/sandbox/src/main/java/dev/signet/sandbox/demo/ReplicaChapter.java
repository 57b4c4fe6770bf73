package dev.signet.sandbox.demo;

import dev.signet.proto.admin.v1.Overview;
import dev.signet.sandbox.world.AdminLine;
import dev.signet.sandbox.world.CaProcess;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A replica of the CA is killed in the middle of a rotation that it began; another finishes it. */
final class ReplicaChapter implements Chapter {
  private static final List<Integer> COLUMNS = List.of(36);

  @Override
  public String title() {
    return "A replica is killed in the middle of a rotation";
  }

  @Override
  public void play(Scene scene) throws InterruptedException {
    CaProcess first = scene.world().cas().getFirst();
    CaProcess second = scene.world().cas().get(1);
    try (AdminLine toFirst = AdminLine.to(first);
        AdminLine toSecond = AdminLine.to(second)) {
      Rotation rotation = Rotation.start(toFirst, scene.narrator());
      boolean published = rotation.awaitStep(RotationChapter.LIMIT, "PUBLISH").isPresent();
      first.kill();
      scene
          .narrator()
          .row(
              COLUMNS,
              "kill -9 of " + first.name(),
              first.alive() ? "it lives" : "it is gone, and its agents move to " + second.name());
      Rotation followed = rotation.over(toSecond);
      Optional<Overview> activated = followed.awaitStep(RotationChapter.LIMIT, "ACTIVATE");
      first.start();
      scene.narrator().row(COLUMNS, first.name() + " is started again", "with the keys it had");
      Optional<Overview> over = followed.awaitEnd(RotationChapter.LIMIT);
      scene
          .verdicts()
          .add(
              "a replica killed in mid-rotation",
              "the other finishes it",
              over.map(_ -> String.format(Locale.ROOT, "done after %.1f s", followed.seconds()))
                  .orElseGet(() -> "it did not end: " + RotationChapter.missing(toSecond)),
              published && activated.isPresent() && over.isPresent());
    }
    RotationChapter.calls(scene, "calls while replicas came and went");
  }
}
