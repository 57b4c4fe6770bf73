package dev.signet.agent.svid;

import dev.signet.spiffe.X509Svid;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * The CA's order to replace leaves, as it concerns the holder of one: whether its leaf is to go,
 * and when it asks for another. Many get an order at once: each draws its own time, once a leaf.
 * Confined to the loop.
 */
public final class Replacement {
  public static final Duration SPREAD = Duration.ofSeconds(2);

  private final RandomGenerator random;
  private Set<String> issuers = Set.of();
  private String drawnFor = "";

  public Replacement(RandomGenerator random) {
    this.random = random;
  }

  /** Takes an order; it replaces the one before. */
  public void order(Set<String> newer) {
    issuers = Set.copyOf(newer);
  }

  /** Whether this leaf is to be replaced. */
  public boolean covers(X509Svid svid) {
    return issuers.contains(IssuerKey.of(svid));
  }

  /** How long to wait before another is asked for; empty where it is not to be, or was drawn. */
  public Optional<Duration> draw(X509Svid svid) {
    if (drawnFor.equals(svid.serial()) || !covers(svid)) {
      return Optional.empty();
    }
    drawnFor = svid.serial();
    return Optional.of(Duration.ofNanos(random.nextLong(SPREAD.toNanos())));
  }

  /** Whether a time was drawn for this leaf and the order is taken back; says so once. */
  public boolean isTakenBack(X509Svid svid) {
    boolean was = drawnFor.equals(svid.serial()) && !covers(svid);
    if (was) {
      drawnFor = "";
    }
    return was;
  }
}
