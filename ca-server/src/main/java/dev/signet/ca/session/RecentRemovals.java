package dev.signet.ca.session;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The pods that were removed lately, for agents that were not connected when it happened. Only
 * makes a removal known earlier: a pod that has fallen out of it is refused by the live read.
 * Bounded. Not thread-safe.
 */
final class RecentRemovals {
  private final Map<String, RemovalCause> byPod;

  RecentRemovals(int most) {
    this.byPod =
        new LinkedHashMap<>() {
          @Override
          protected boolean removeEldestEntry(Map.Entry<String, RemovalCause> eldest) {
            return size() > most;
          }
        };
  }

  /** Whether this is news: unknown, or stronger than what was known. */
  boolean add(String podUid, RemovalCause cause) {
    RemovalCause known = byPod.get(podUid);
    if (known != null && known.compareTo(cause) >= 0) {
      return false;
    }
    byPod.put(podUid, cause);
    return true;
  }

  Optional<RemovalCause> of(String podUid) {
    return Optional.ofNullable(byPod.get(podUid));
  }
}
