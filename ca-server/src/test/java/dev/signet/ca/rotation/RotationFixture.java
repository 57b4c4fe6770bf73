package dev.signet.ca.rotation;

import dev.signet.ca.issuance.Validity;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.Gate.ConsumerClass;
import dev.signet.ca.rotation.Gate.Missing;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** States and gates to start from. */
final class RotationFixture {
  static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
  static final KeyId OLD = new KeyId("root-old");
  static final KeyId NEW = new KeyId("root-new");
  static final Operator ANN = new Operator("ann", "drill");
  static final Lifetimes LIFETIMES = new Lifetimes(Duration.ofDays(300), Duration.ofHours(1));

  private RotationFixture() {}

  /** Since version 7 and revision 4, with 200 of 300 days left. */
  static TrustState.Root root(KeyId id, AuthorityState state) {
    return new TrustState.Root(
        id,
        state,
        Optional.of(new Validity(NOW.minus(Duration.ofDays(100)), NOW.plus(Duration.ofDays(200)))),
        new Since(7, 4, NOW),
        state == AuthorityState.TAINTED);
  }

  static TrustState.Issuer issuer(KeyId root, AuthorityState state) {
    return new TrustState.Issuer(
        new KeyId("authority-" + root), root, "ca-0", state, NOW.plus(Duration.ofHours(24)));
  }

  /** Version 7, revision 4, an issuing authority below each root. */
  static TrustState state(TrustState.Root... roots) {
    return new TrustState(
        7,
        4,
        false,
        List.of(roots),
        Stream.of(roots)
            .map(root ->
                issuer(
                    root.id(),
                    root.state() == AuthorityState.ACTIVE
                        ? AuthorityState.ACTIVE
                        : AuthorityState.RETIRED))
            .toList(),
        List.of());
  }

  static Gate open(Step.Kind step, KeyId root) {
    return new Gate(step, root, List.of(), List.of());
  }

  static Gate blocked(Step.Kind step, KeyId root, int missing) {
    return new Gate(
        step,
        root,
        List.of(),
        IntStream.range(0, missing)
            .mapToObj(i ->
                new Missing(
                    ConsumerClass.POD_ACKNOWLEDGED,
                    Optional.of(new NodeRef("c1", "node-1")),
                    "shop/pod-" + i,
                    "uid-" + i,
                    "holds revision 3, not 4",
                    Optional.empty()))
            .toList());
  }
}
