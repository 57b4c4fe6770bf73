package dev.signet.agent.bundle;

import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Bundle;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The trust bundle that workloads get. Its revision only rises (THREATS.md T22): an older one, or
 * the same revision with another set, is refused and changes nothing.
 *
 * <p>A bundle that was restored is handed out until the CA's first session, whose bundle replaces
 * it whatever the revision: a CA that came back from a backup must not be refused for as long as
 * its nodes remember more than it does.
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

  private static final Logger log = LoggerFactory.getLogger(BundleHolder.class);

  private final TrustDomain trustDomain;
  private final Map<String, Long> revisions =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > REMEMBERED;
        }
      };
  private volatile @Nullable HeldBundle held;
  private boolean restored;
  private Consumer<HeldBundle> listener = _ -> {};
  private Runnable renumbered = () -> {};

  public BundleHolder(TrustDomain trustDomain) {
    this.trustDomain = trustDomain;
  }

  public synchronized Outcome offer(long revision, X509Bundle bundle) {
    if (revision < 1 || bundle.isEmpty() || !bundle.trustDomain().equals(trustDomain)) {
      return Outcome.UNUSABLE;
    }
    HeldBundle now = held;
    if (now != null && !replaces(now, revision, bundle)) {
      return revision < now.revision() ? Outcome.OLDER : Outcome.CONFLICTING;
    }
    var newer = new HeldBundle(revision, bundle);
    if (restored && now != null && !newer.equals(now) && revision <= now.revision()) {
      // Numbers from before the restart name other sets now: nothing said of them counts.
      revisions.clear();
      renumbered.run();
    }
    restored = false;
    if (newer.equals(now)) {
      return Outcome.UNCHANGED;
    }
    hold(newer);
    listener.accept(newer);
    return Outcome.ACCEPTED;
  }

  private boolean replaces(HeldBundle now, long revision, X509Bundle bundle) {
    if (revision > now.revision() || now.equals(new HeldBundle(revision, bundle))) {
      return true;
    }
    if (restored) {
      log.warn(
          "The CA's bundle of revision {} replaces the one of revision {} that was held before the"
              + " agent restarted: expected only if the CA was restored from a backup or begun anew",
          revision,
          now.revision());
    }
    return restored;
  }

  /**
   * Holds the bundle that was held before the agent restarted, until a session brings one. Nothing
   * happens where one is held.
   */
  public synchronized void restore(HeldBundle before) {
    if (held == null && !before.bundle().isEmpty()) {
      restored = true;
      hold(before);
    }
  }

  /** Tells who keeps it of each bundle that is accepted, under this holder's lock. */
  public synchronized void onAccepted(Consumer<HeldBundle> told) {
    listener = told;
  }

  /** Runs the action, under this holder's lock, where the CA begins its numbers anew. */
  public synchronized void onRenumbered(Runnable action) {
    renumbered = action;
  }

  private void hold(HeldBundle bundle) {
    String digest = HexFormat.of().formatHex(bundle.bundle().digest());
    revisions.remove(digest);
    revisions.put(digest, bundle.revision());
    held = bundle;
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
