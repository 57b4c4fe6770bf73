package dev.signet.cli;

import dev.signet.ca.issuance.Validity;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.AuthorityState;
import dev.signet.ca.rotation.Ban;
import dev.signet.ca.rotation.Consumers;
import dev.signet.ca.rotation.Gate;
import dev.signet.ca.rotation.Gate.ConsumerClass;
import dev.signet.ca.rotation.NodeRef;
import dev.signet.ca.rotation.Overview;
import dev.signet.ca.rotation.ReplicaReport;
import dev.signet.ca.rotation.Since;
import dev.signet.ca.rotation.Step;
import dev.signet.ca.rotation.TrustState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Moments of a rotation from root-1 to root-2 on two nodes. */
final class Scenes {
  static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final NodeRef NODE_A = new NodeRef("main", "node-a");
  private static final NodeRef NODE_B = new NodeRef("main", "node-b");
  private static final KeyId ROOT_1 = new KeyId("root-1");
  private static final KeyId ROOT_2 = new KeyId("root-2");

  private Scenes() {}

  static Overview quiet() {
    return scene(0, 4, 1, List.of(root(ROOT_1, AuthorityState.ACTIVE)), List.of(), 0);
  }

  static Overview prepared() {
    return scene(
        0, 5, 1, List.of(root(ROOT_1, AuthorityState.ACTIVE), beingMade(ROOT_2)), List.of(), 1);
  }

  /** The new root is in the bundle; an agent and a pod are not there yet. */
  static Overview published() {
    return scene(
        2,
        6,
        2,
        List.of(root(ROOT_1, AuthorityState.ACTIVE), root(ROOT_2, AuthorityState.PUBLISHED)),
        List.of(
            new Gate(
                Step.Kind.ACTIVATE,
                ROOT_2,
                List.of(
                    new Gate.Tally(ConsumerClass.REPLICA, 2, 2),
                    new Gate.Tally(ConsumerClass.PUBLISHED_BUNDLE, 1, 1),
                    new Gate.Tally(ConsumerClass.AGENT, 1, 2),
                    new Gate.Tally(ConsumerClass.POD_ACKNOWLEDGED, 12, 12),
                    new Gate.Tally(ConsumerClass.POD_SENT, 3, 4),
                    new Gate.Tally(ConsumerClass.POD_HELD, 1, 1),
                    new Gate.Tally(ConsumerClass.POD_UNSEEN, 0, 1)),
                List.of(
                    new Gate.Missing(
                        ConsumerClass.AGENT,
                        Optional.of(NODE_B),
                        "node-b",
                        "",
                        "it holds revision 1, and 2 is wanted",
                        Optional.of(NOON.plusSeconds(3_300))),
                    new Gate.Missing(
                        ConsumerClass.POD_SENT,
                        Optional.of(NODE_A),
                        "shop/cart-0",
                        "uid-1",
                        "sent 1 s ago, which counts after a minute",
                        Optional.of(NOON.plusSeconds(3_000))),
                    new Gate.Missing(
                        ConsumerClass.POD_UNSEEN,
                        Optional.of(NODE_B),
                        "shop/mail-0",
                        "uid-2",
                        "it took a leaf and has no open stream",
                        Optional.of(NOON.plusSeconds(2_700)))))),
        2);
  }

  /** The agent is there; of the pod only a number moved. */
  static Overview nearly() {
    return scene(
        9,
        6,
        2,
        published().state().roots(),
        List.of(
            new Gate(
                Step.Kind.ACTIVATE,
                ROOT_2,
                List.of(
                    new Gate.Tally(ConsumerClass.AGENT, 2, 2),
                    new Gate.Tally(ConsumerClass.POD_SENT, 3, 4)),
                List.of(
                    new Gate.Missing(
                        ConsumerClass.POD_SENT,
                        Optional.of(NODE_A),
                        "shop/cart-0",
                        "uid-1",
                        "sent 8 s ago, which counts after a minute",
                        Optional.of(NOON.plusSeconds(3_000)))))),
        2);
  }

  static Overview retiring() {
    return scene(
        62,
        7,
        2,
        List.of(root(ROOT_1, AuthorityState.RETIRING), root(ROOT_2, AuthorityState.ACTIVE)),
        List.of(retireGate(ROOT_1)),
        3);
  }

  static Overview complete() {
    return scene(
        90,
        8,
        3,
        List.of(root(ROOT_1, AuthorityState.RETIRED), root(ROOT_2, AuthorityState.ACTIVE)),
        List.of(),
        4);
  }

  static Overview aborted() {
    Overview scene =
        scene(
            20,
            7,
            3,
            List.of(root(ROOT_1, AuthorityState.ACTIVE), root(ROOT_2, AuthorityState.RETIRED)),
            List.of(),
            2);
    List<Step> steps = new ArrayList<>(scene.steps());
    steps.addFirst(step(20, Step.Kind.ABORT, ROOT_2, "uid 0", "the wrong day", ""));
    return new Overview(scene.at(), scene.state(), scene.consumers(), scene.gates(), steps);
  }

  /** A tainted root, needed or not. */
  static Overview tainted(boolean needed) {
    Gate gate = needed ? retireGate(ROOT_1) : openGate(ROOT_1);
    return scene(
        needed ? 62 : 80,
        9,
        2,
        List.of(root(ROOT_1, AuthorityState.TAINTED), root(ROOT_2, AuthorityState.ACTIVE)),
        List.of(new Gate(Step.Kind.REVOKE, ROOT_1, gate.tallies(), gate.missing())),
        3);
  }

  static Overview paused(Overview scene) {
    TrustState state = scene.state();
    return new Overview(
        scene.at(),
        new TrustState(
            state.version(), state.revision(), true, state.roots(), state.issuers(), state.bans()),
        scene.consumers(),
        scene.gates(),
        scene.steps());
  }

  static Gate retireGate(KeyId root) {
    return new Gate(
        Step.Kind.RETIRE,
        root,
        List.of(
            new Gate.Tally(ConsumerClass.REPLICA, 2, 2),
            new Gate.Tally(ConsumerClass.AGENT, 2, 2),
            new Gate.Tally(ConsumerClass.POD_ACKNOWLEDGED, 11, 12)),
        List.of(
            new Gate.Missing(
                ConsumerClass.POD_ACKNOWLEDGED,
                Optional.of(NODE_A),
                "shop/payments-0",
                "uid-3",
                "it shows leaf 4d2a below root-1",
                Optional.of(NOON.plusSeconds(1_800)))));
  }

  static Gate openGate(KeyId root) {
    return new Gate(
        Step.Kind.RETIRE, root, List.of(new Gate.Tally(ConsumerClass.REPLICA, 2, 2)), List.of());
  }

  private static Overview scene(
      int second,
      long version,
      long revision,
      List<TrustState.Root> roots,
      List<Gate> gates,
      int steps) {
    return new Overview(
        NOON.plusSeconds(second),
        new TrustState(
            version,
            revision,
            false,
            roots,
            List.of(
                new TrustState.Issuer(
                    new KeyId("issuing-1"),
                    ROOT_1,
                    "ca-0",
                    AuthorityState.ACTIVE,
                    NOON.plus(Duration.ofHours(20)))),
            List.of(new Ban("main", "node-c", "uid 0", "stolen", NOON.minusSeconds(60)))),
        new Consumers(
            List.of(new ReplicaReport("ca-0", version, revision, NOON.plusSeconds(second))),
            List.of(
                new Consumers.Agent(
                    NODE_A, new KeyId("issuing-1"), NOON.plusSeconds(3_000), 1, Optional.of(NOON)),
                new Consumers.Agent(
                    NODE_B, new KeyId("issuing-1"), NOON.plusSeconds(3_300), 0, Optional.empty())),
            List.of()),
        gates,
        steps(steps));
  }

  /** The newest first. */
  private static List<Step> steps(int most) {
    List<Step> steps =
        List.of(
            step(0, Step.Kind.PREPARE, ROOT_2, "uid 0", "yearly", ""),
            step(1, Step.Kind.PUBLISH, ROOT_2, "replica ca-0", "", ""),
            step(
                61,
                Step.Kind.ACTIVATE,
                ROOT_2,
                "uid 0",
                "node-b burned down",
                "agent of main/node-b"),
            step(89, Step.Kind.RETIRE, ROOT_1, "replica ca-0", "", ""));
    return steps.subList(0, most).reversed();
  }

  private static Step step(
      int second, Step.Kind kind, KeyId root, String who, String why, String overrides) {
    return new Step(
        NOON.plusSeconds(second), kind, Optional.of(root), Optional.empty(), who, why, overrides);
  }

  private static TrustState.Root root(KeyId id, AuthorityState state) {
    return new TrustState.Root(
        id,
        state,
        Optional.of(
            new Validity(NOON.minus(Duration.ofDays(300)), NOON.plus(Duration.ofDays(3_350)))),
        new Since(4, 1, NOON.minus(Duration.ofDays(1))),
        state == AuthorityState.TAINTED);
  }

  private static TrustState.Root beingMade(KeyId id) {
    return new TrustState.Root(
        id, AuthorityState.PREPARED, Optional.empty(), new Since(5, 1, NOON), false);
  }
}
