package dev.signet.ca.rotation;

import dev.signet.ca.issuance.Validity;
import dev.signet.ca.keys.KeyId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What all replicas agree on, as the store had it at one moment.
 *
 * @param version rises by one with each step; who signs under another one is refused
 * @param revision of the trust bundle; rises by one with each change of the set of roots in it
 * @param paused whether no step that waits for a gate is taken by itself, and no rotation begins
 *     for the mere passing of time
 * @param roots all of them, the oldest first
 * @param issuers all issuing authorities that were completed, the oldest first
 * @param bans of nodes
 */
public record TrustState(
    long version,
    long revision,
    boolean paused,
    List<Root> roots,
    List<Issuer> issuers,
    List<Ban> bans) {
  public TrustState {
    roots = List.copyOf(roots);
    issuers = List.copyOf(issuers);
    bans = List.copyOf(bans);
  }

  /**
   * One root.
   *
   * @param validity empty while it is being made
   * @param since when it came to its state
   * @param forced whether the leaves below it are to be replaced at once, not at their renewal; of
   *     one that has not signed yet, whether this is to be said of the one that it replaces
   */
  public record Root(
      KeyId id, AuthorityState state, Optional<Validity> validity, Since since, boolean forced) {}

  /**
   * One issuing authority.
   *
   * @param root that signed it
   * @param replica whose it is
   */
  public record Issuer(
      KeyId id, KeyId root, String replica, AuthorityState state, Instant notAfter) {}

  public Optional<Root> root(KeyId id) {
    return roots.stream().filter(root -> root.id().equals(id)).findFirst();
  }

  /** The roots in a state, the oldest first. */
  public List<Root> roots(AuthorityState state) {
    return roots.stream().filter(root -> root.state() == state).toList();
  }

  public Optional<Issuer> issuer(KeyId id) {
    return issuers.stream().filter(issuer -> issuer.id().equals(id)).findFirst();
  }

  /**
   * The one root below which issuing authorities sign: the active one, or, while none is, the
   * newest tainted one, for nothing else is held by everybody. Empty before the first root.
   */
  public Optional<Root> signer() {
    return roots(AuthorityState.ACTIVE).stream()
        .findFirst()
        .or(() -> roots(AuthorityState.TAINTED).stream().reduce((_, newer) -> newer));
  }

  /** The root that is being made or made known; there is one at most. */
  public Optional<Root> next() {
    return roots.stream()
        .filter(root ->
            root.state() == AuthorityState.PREPARED || root.state() == AuthorityState.PUBLISHED)
        .findFirst();
  }

  public boolean isBanned(String cluster, String nodeName) {
    return bans.stream()
        .anyMatch(ban -> ban.cluster().equals(cluster) && ban.nodeName().equals(nodeName));
  }
}
