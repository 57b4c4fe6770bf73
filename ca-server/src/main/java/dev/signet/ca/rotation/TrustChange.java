package dev.signet.ca.rotation;

import dev.signet.ca.keys.KeyId;
import java.util.List;
import java.util.Optional;

/**
 * One step from one {@link TrustState} to the next: made whole or not at all.
 *
 * @param from the version that it starts from; the next one is one higher
 * @param revision of the bundle after it
 * @param paused after it
 * @param authorities those whose state or force changes; an unknown one is a new root, PREPARED
 * @param ban a node that is banned by it
 * @param unban a node that is free again
 * @param step for the record
 */
public record TrustChange(
    long from,
    long revision,
    boolean paused,
    List<AuthorityChange> authorities,
    Optional<Ban> ban,
    Optional<NodeRef> unban,
    Step step) {
  public TrustChange {
    authorities = List.copyOf(authorities);
  }

  /** The new state of one authority. */
  public record AuthorityChange(KeyId id, AuthorityState state, boolean forced) {}
}
