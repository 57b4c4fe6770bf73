package dev.signet.ca.adapter.admin;

import dev.signet.ca.issuance.Validity;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.AuthorityState;
import dev.signet.ca.rotation.Ban;
import dev.signet.ca.rotation.Consumers;
import dev.signet.ca.rotation.Evidence;
import dev.signet.ca.rotation.Gate;
import dev.signet.ca.rotation.NodeRef;
import dev.signet.ca.rotation.Overview;
import dev.signet.ca.rotation.ReplicaReport;
import dev.signet.ca.rotation.Since;
import dev.signet.ca.rotation.Step;
import dev.signet.ca.rotation.TrustState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A trust domain in mid-rotation, with one of everything. */
final class Samples {
  static final Instant AT = Instant.parse("2026-03-01T12:00:00Z");
  private static final NodeRef NODE = new NodeRef("main", "node-a");

  private Samples() {}

  static Overview overview(long version) {
    return new Overview(
        AT.plusMillis(version), state(version), consumers(), List.of(gate("root-2")), steps());
  }

  private static TrustState state(long version) {
    return new TrustState(
        version,
        7,
        true,
        List.of(
            new TrustState.Root(
                new KeyId("root-1"),
                AuthorityState.ACTIVE,
                Optional.of(
                    new Validity(AT.minus(Duration.ofDays(9)), AT.plus(Duration.ofDays(9)))),
                new Since(2, 1, AT.minusSeconds(60)),
                true),
            new TrustState.Root(
                new KeyId("root-2"),
                AuthorityState.PREPARED,
                Optional.empty(),
                new Since(3, 7, AT),
                false)),
        List.of(
            new TrustState.Issuer(
                new KeyId("issuing-1"),
                new KeyId("root-1"),
                "ca-0",
                AuthorityState.ACTIVE,
                AT.plusSeconds(90))),
        List.of(new Ban("main", "node-b", "uid 0", "stolen", AT.minusSeconds(5))));
  }

  private static Consumers consumers() {
    return new Consumers(
        List.of(new ReplicaReport("ca-0", 5, 6, AT.minusSeconds(1))),
        List.of(
            new Consumers.Agent(
                NODE, new KeyId("issuing-1"), AT.plusSeconds(30), 7, Optional.of(AT)),
            new Consumers.Agent(
                new NodeRef("main", "node-b"),
                new KeyId("issuing-1"),
                AT.plusSeconds(31),
                0,
                Optional.empty())),
        List.of(
            new Consumers.Pod(
                NODE,
                "shop",
                "cart",
                "uid-1",
                "spiffe://shop.example/ns/shop/sa/cart",
                List.of(new Consumers.Leaf("ab01", new KeyId("issuing-1"), AT.plusSeconds(20))),
                List.of(new Consumers.Shown(Evidence.SENT, 2, 7, "ab01", AT.minusSeconds(3))))));
  }

  static Gate gate(String root) {
    return new Gate(
        Step.Kind.ACTIVATE,
        new KeyId(root),
        List.of(
            new Gate.Tally(Gate.ConsumerClass.REPLICA, 1, 1),
            new Gate.Tally(Gate.ConsumerClass.POD_SENT, 3, 4)),
        List.of(
            new Gate.Missing(
                Gate.ConsumerClass.POD_SENT,
                Optional.of(NODE),
                "shop/cart",
                "uid-1",
                "sent 3 s ago, and it takes a minute",
                Optional.of(AT.plusSeconds(320))),
            new Gate.Missing(
                Gate.ConsumerClass.REPLICA,
                Optional.empty(),
                "ca-1",
                "",
                "works by version 4",
                Optional.empty())));
  }

  private static List<Step> steps() {
    return List.of(
        new Step(
            AT,
            Step.Kind.PREPARE,
            Optional.of(new KeyId("root-2")),
            Optional.empty(),
            "uid 0",
            "yearly",
            ""),
        new Step(
            AT.minusSeconds(5),
            Step.Kind.BAN,
            Optional.empty(),
            Optional.of(NODE),
            "uid 0",
            "x",
            "y"));
  }
}
