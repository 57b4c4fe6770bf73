package dev.signet.sandbox.demo;

import dev.signet.proto.admin.v1.AuthorityState;
import dev.signet.proto.admin.v1.Gate;
import dev.signet.proto.admin.v1.Missing;
import dev.signet.proto.admin.v1.Overview;
import dev.signet.proto.admin.v1.Root;
import dev.signet.proto.admin.v1.StartRequest;
import dev.signet.proto.admin.v1.Step;
import dev.signet.proto.admin.v1.StepKind;
import dev.signet.sandbox.world.AdminLine;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Follows one rotation of the root and tells of each step as it is made. Not thread-safe. */
final class Rotation {
  private static final List<Integer> COLUMNS = List.of(9, 10, 24);

  private final AdminLine line;
  private final Narrator narrator;
  private final long versionBefore;
  private final long began = System.nanoTime();
  private final Set<Step> told = new LinkedHashSet<>();

  private Rotation(AdminLine line, Narrator narrator, long versionBefore) {
    this.line = line;
    this.narrator = narrator;
    this.versionBefore = versionBefore;
  }

  /** Starts one whose old leaves are replaced at once. */
  static Rotation start(AdminLine line, Narrator narrator) {
    Rotation rotation = new Rotation(line, narrator, line.overview().getVersion());
    var _ = line.calls().start(StartRequest.newBuilder().setForced(true).build());
    return rotation;
  }

  /** Whatever is done from now on. */
  static Rotation following(AdminLine line, Narrator narrator) {
    return new Rotation(line, narrator, line.overview().getVersion());
  }

  /** Follows until nobody needs a tainted root any more. */
  Optional<Overview> awaitRevocable(Duration limit, String root) {
    return line.await(
        limit,
        overview ->
            overview.getGatesList().stream()
                .anyMatch(gate ->
                    gate.getRoot().equals(root)
                        && gate.getStep() == StepKind.STEP_KIND_REVOKE
                        && gate.getMissingCount() == 0),
        this::tell);
  }

  /** The same rotation over the line to another replica. */
  Rotation over(AdminLine other) {
    Rotation rotation = new Rotation(other, narrator, versionBefore);
    rotation.told.addAll(told);
    return rotation;
  }

  /**
   * Follows until the rotation has come so far; what it is then, or empty if it did not in time.
   */
  Optional<Overview> awaitStep(Duration limit, String kind) {
    return line.await(
        limit,
        overview -> steps(overview).stream().anyMatch(s -> name(s).equals(kind)),
        this::tell);
  }

  /** Follows until the next root signs and nothing of the one before is left. */
  Optional<Overview> awaitEnd(Duration limit) {
    return line.await(limit, this::isOver, this::tell);
  }

  private boolean isOver(Overview overview) {
    List<String> kinds = steps(overview).stream().map(Rotation::name).toList();
    return kinds.contains("ACTIVATE") && (kinds.contains("RETIRE") || kinds.contains("REVOKE"));
  }

  /** Steps of this rotation, the oldest first. */
  private List<Step> steps(Overview overview) {
    long made = overview.getVersion() - versionBefore;
    return overview.getStepsList().stream().limit(made).toList().reversed();
  }

  private void tell(Overview overview) {
    for (Step step : steps(overview)) {
      if (told.add(step)) {
        narrator.row(
            COLUMNS,
            String.format(Locale.ROOT, "%6.2f s", seconds()),
            name(step).toLowerCase(Locale.ROOT),
            step.getAuthority(),
            step.getWho() + (step.getOverrides().isEmpty() ? "" : "; " + step.getOverrides()));
      }
    }
  }

  /** Since it was started. */
  double seconds() {
    return (System.nanoTime() - began) / 1e9;
  }

  static String name(Step step) {
    return step.getKind().name().replace("STEP_KIND_", "");
  }

  /** Who is missing at any gate. */
  static List<Missing> missing(Overview overview) {
    return overview.getGatesList().stream()
        .map(Gate::getMissingList)
        .flatMap(List::stream)
        .toList();
  }

  /** The root that signs. */
  static String signer(Overview overview) {
    return overview.getRootsList().stream()
        .filter(root -> root.getState() == AuthorityState.AUTHORITY_STATE_ACTIVE)
        .map(Root::getId)
        .findFirst()
        .orElse("none");
  }
}
