package dev.signet.agent.svid;

import dev.signet.agent.bundle.HeldBundle;
import dev.signet.spiffe.InvalidX509SvidException;
import dev.signet.spiffe.PresentedX509Chain;
import dev.signet.spiffe.X509BundleSet;
import dev.signet.spiffe.X509Svid;
import dev.signet.spiffe.X509SvidVerifier;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A pod's SVIDs: the one that is served, and a newer one whose root the bundle does not have yet.
 * An SVID is served only with a bundle it verifies with (FAULTS.md 3.1: publish, then sign); a
 * newer one waits for that bundle and the older one stays meanwhile. Confined to the loop, but for
 * {@link #remainingRatio}.
 */
final class LeafHolding {
  /** An SVID and the authority it was last seen to verify with. */
  private record Leaf(KeptSvid kept, @Nullable X509Certificate anchor) {
    X509Svid svid() {
      return kept.svid();
    }
  }

  private volatile @Nullable Leaf served;
  private @Nullable Leaf ahead;

  /** Takes a new SVID in. */
  void offer(KeptSvid svid) {
    ahead = new Leaf(svid, null);
  }

  /** Forgets all keys. */
  void clear() {
    served = null;
    ahead = null;
  }

  /** The SVID to serve with this bundle now; null where there is none. */
  @Nullable X509Svid serve(@Nullable HeldBundle bundle, Instant now) {
    if (bundle == null) {
      return null;
    }
    Leaf older = served;
    Leaf leaf = ahead == null ? null : anchored(ahead, bundle, now);
    if (leaf != null) {
      ahead = null;
    } else if (older != null) {
      leaf = anchored(older, bundle, now);
    }
    served = leaf;
    return leaf == null ? null : leaf.svid();
  }

  /** The SVID that {@link #serve} gave last; null where it gave none. */
  @Nullable KeptSvid served() {
    Leaf leaf = served;
    return leaf == null ? null : leaf.kept();
  }

  /** The newest SVID, whether it is served or waits; null without one. */
  @Nullable X509Svid newest() {
    Leaf leaf = ahead != null ? ahead : served;
    return leaf == null ? null : leaf.svid();
  }

  /** What a restart must not lose: the SVID that is served, else the one that waits. */
  @Nullable KeptSvid worthKeeping(Instant now) {
    Leaf leaf = served != null ? served : ahead;
    return leaf == null || !leaf.svid().notAfter().isAfter(now) ? null : leaf.kept();
  }

  /** Whether an SVID waits for a bundle that has its root. */
  boolean waitsForBundle() {
    return ahead != null;
  }

  /** What is left of the served SVID's life, 1 at its start and 0 at its end; null without one. */
  @Nullable Double remainingRatio(Instant now) {
    Leaf leaf = served;
    if (leaf == null) {
      return null;
    }
    double whole = Duration.between(leaf.kept().received(), leaf.svid().notAfter()).toNanos();
    double left = Duration.between(now, leaf.svid().notAfter()).toNanos();
    return whole <= 0 ? 0.0 : Math.clamp(left / whole, 0.0, 1.0);
  }

  private static @Nullable Leaf anchored(Leaf leaf, HeldBundle bundle, Instant now) {
    if (!leaf.svid().notAfter().isAfter(now)) {
      return null;
    }
    if (leaf.anchor() != null && bundle.bundle().authorities().contains(leaf.anchor())) {
      return leaf;
    }
    try {
      X509Certificate authority =
          X509SvidVerifier.verify(
                  PresentedX509Chain.of(leaf.svid().chain()),
                  X509BundleSet.of(bundle.bundle()),
                  now)
              .authority();
      return new Leaf(leaf.kept(), authority);
    } catch (InvalidX509SvidException notWithThisBundle) {
      return null;
    }
  }
}
