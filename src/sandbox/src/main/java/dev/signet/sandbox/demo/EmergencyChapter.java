package dev.signet.sandbox.demo;

import dev.signet.proto.admin.v1.Overview;
import dev.signet.proto.admin.v1.RevokeRequest;
import dev.signet.proto.admin.v1.TaintRequest;
import dev.signet.sandbox.world.AdminLine;
import java.util.List;
import java.util.Optional;

/** The root is not to be trusted any more: taint and revoke in one breath hurt nobody. */
final class EmergencyChapter implements Chapter {
  private static final List<Integer> COLUMNS = List.of(36);

  @Override
  public String title() {
    return "Emergency: taint and revoke in one breath";
  }

  @Override
  public void play(Scene scene) throws InterruptedException {
    try (AdminLine line = AdminLine.to(scene.world().ca())) {
      Overview before = line.overview();
      String root = Rotation.signer(before);
      Rotation rotation = Rotation.following(line, scene.narrator());
      var _ =
          line.calls()
              .taint(
                  TaintRequest.newBuilder().setAuthority(root).setReason("its key leaked").build());
      Optional<String> refusal = AdminLine.refusal(() -> revoke(line, root));
      scene.narrator().row(COLUMNS, "taint, then revoke at once", refusal.orElse("it was revoked"));
      scene
          .verdicts()
          .add(
              "revoke before the leaves are replaced",
              "refused",
              refusal.orElse("revoked"),
              refusal.isPresent());
      boolean replaced = rotation.awaitRevocable(RotationChapter.LIMIT, root).isPresent();
      Optional<String> second = AdminLine.refusal(() -> revoke(line, root));
      Optional<Overview> over = rotation.awaitStep(RotationChapter.LIMIT, "REVOKE");
      scene
          .verdicts()
          .add(
              "revoke after they are",
              "the root is gone",
              second.orElse("revoked"),
              replaced && second.isEmpty() && over.isPresent());
    }
    RotationChapter.calls(scene, "all calls of the story");
  }

  private static void revoke(AdminLine line, String root) {
    var _ =
        line.calls()
            .revoke(RevokeRequest.newBuilder().setRoot(root).setReason("its key leaked").build());
  }
}
