package dev.signet.agent.bundle;

import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Bundle;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The trust bundle that workloads get. Its revision only rises (THREATS.md T22): an older one, or
 * the same revision with another set, is refused and changes nothing.
 *
 * <p>Thread-safe; a reader sees one whole bundle with its revision.
 */
public final class BundleHolder {
  /** What became of an offered bundle. */
  public enum Outcome {
    ACCEPTED,
    /** The one that is held already. */
    UNCHANGED,
    /** Refused: of a lower revision than the one held. */
    OLDER,
    /** Refused: of the revision held, with other authorities. */
    CONFLICTING,
    /** Refused: without authorities, of another trust domain, or without a revision. */
    UNUSABLE
  }

  /**
   * Clients acknowledge a digest soon after it was sent: more than these few are never asked for.
   */
  private static final int REMEMBERED = 64;

  private final TrustDomain trustDomain;
  private final Map<String, Long> revisions =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > REMEMBERED;
        }
      };
  private volatile @Nullable HeldBundle held;

  public BundleHolder(TrustDomain trustDomain) {
    this.trustDomain = trustDomain;
  }

  public synchronized Outcome offer(long revision, X509Bundle bundle) {
    if (revision < 1 || bundle.isEmpty() || !bundle.trustDomain().equals(trustDomain)) {
      return Outcome.UNUSABLE;
    }
    HeldBundle now = held;
    if (now != null && revision < now.revision()) {
      return Outcome.OLDER;
    }
    if (now != null && revision == now.revision()) {
      return now.bundle().equals(bundle) ? Outcome.UNCHANGED : Outcome.CONFLICTING;
    }
    String digest = HexFormat.of().formatHex(bundle.digest());
    revisions.remove(digest);
    revisions.put(digest, revision);
    held = new HeldBundle(revision, bundle);
    return Outcome.ACCEPTED;
  }

  /** The bundle held; null before the first. */
  public @Nullable HeldBundle held() {
    return held;
  }

  /** The revision held; 0 before the first. */
  public long revision() {
    HeldBundle now = held;
    return now == null ? 0 : now.revision();
  }

  /** The newest revision that had the set with this digest; 0 where none did lately. */
  public synchronized long revisionOf(byte[] digest) {
    return revisions.getOrDefault(HexFormat.of().formatHex(digest), 0L);
  }
}
