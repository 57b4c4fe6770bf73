package dev.signet.ca.rotation;

import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.TrustChange.AuthorityChange;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Steps to make, whether they would be decided or not. */
public final class Changes {
  public static final Instant AT = Instant.parse("2026-11-02T08:00:00Z");

  private Changes() {}

  /** One that changes authorities. */
  public static TrustChange of(
      long from, long revision, Step.Kind kind, AuthorityChange... authorities) {
    return new TrustChange(
        from,
        revision,
        false,
        List.of(authorities),
        Optional.empty(),
        Optional.empty(),
        step(kind, List.of(authorities).stream().map(AuthorityChange::id).findFirst()));
  }

  /** One that changes nothing but the version, and whether it goes on. */
  public static TrustChange pause(TrustState state, boolean paused) {
    return new TrustChange(
        state.version(),
        state.revision(),
        paused,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        step(paused ? Step.Kind.PAUSE : Step.Kind.RESUME, Optional.empty()));
  }

  /** A node that gets nothing from then on. */
  public static TrustChange ban(TrustState state, String cluster, String nodeName) {
    return new TrustChange(
        state.version(),
        state.revision(),
        state.paused(),
        List.of(),
        Optional.of(new Ban(cluster, nodeName, "alice", "", AT)),
        Optional.empty(),
        step(Step.Kind.BAN, Optional.empty()));
  }

  public static AuthorityChange to(KeyId id, AuthorityState state) {
    return new AuthorityChange(id, state, false);
  }

  public static AuthorityChange forced(KeyId id, AuthorityState state) {
    return new AuthorityChange(id, state, true);
  }

  static Step step(Step.Kind kind, Optional<KeyId> authority) {
    return new Step(AT, kind, authority, Optional.empty(), "alice", "", "");
  }
}
