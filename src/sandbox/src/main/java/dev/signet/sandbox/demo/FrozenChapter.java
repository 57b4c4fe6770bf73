package dev.signet.sandbox.demo;

import dev.signet.proto.admin.v1.Missing;
import dev.signet.proto.admin.v1.Overview;
import dev.signet.sandbox.world.AdminLine;
import dev.signet.sandbox.world.NodeHost;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A node that hears nothing holds the rotation, by name, for as long as it is deaf. */
final class FrozenChapter implements Chapter {
  /** Long enough for a gate that does not ask to be through. */
  private static final Duration HELD = Duration.ofSeconds(5);

  private static final List<Integer> COLUMNS = List.of(36);

  @Override
  public String title() {
    return "A node's agent is frozen: the rotation waits for it, and says so";
  }

  @Override
  public void play(Scene scene) throws InterruptedException {
    NodeHost node = scene.world().node("node-2");
    try (AdminLine line = AdminLine.to(scene.world().ca())) {
      String before = Rotation.signer(line.overview());
      node.freezeAgent();
      scene.narrator().row(COLUMNS, "kill -STOP of the agent on node-2", "it is frozen");
      Rotation rotation = Rotation.start(line, scene.narrator());
      Optional<Overview> early = rotation.awaitStep(HELD, "ACTIVATE");
      Overview waiting = line.overview();
      List<String> nodes =
          Rotation.missing(waiting).stream()
              .map(one -> one.getNode().getName())
              .distinct()
              .toList();
      for (Missing missing : Rotation.missing(waiting)) {
        scene.narrator().row(COLUMNS, "waits for " + missing.getName(), missing.getWhy());
      }
      node.thawAgent();
      scene.narrator().row(COLUMNS, "kill -CONT", "it goes on");
      Optional<Overview> over = rotation.awaitEnd(RotationChapter.LIMIT);
      scene
          .verdicts()
          .add(
              "a frozen node holds the rotation",
              "named, and nothing else is",
              nodes + (early.isPresent() ? ", and did not hold it" : ""),
              early.isEmpty()
                  && nodes.equals(List.of("node-2"))
                  && Rotation.signer(waiting).equals(before));
      scene
          .verdicts()
          .add(
              "once it is back",
              "the rotation goes on",
              over.map(_ -> "it ended")
                  .orElseGet(() -> "it did not end: " + RotationChapter.missing(line)),
              over.isPresent());
    }
    RotationChapter.calls(scene, "calls while it waited");
  }
}
