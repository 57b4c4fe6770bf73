package dev.signet.ca.session;

import dev.signet.ca.rotation.Evidence;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What an agent says of itself and its consumers. All of it is the agent's word, and concerns its
 * own node alone.
 *
 * @param revision of the bundle that the agent holds; 0 for none
 * @param counts of all classes that have any
 * @param laggardPods UIDs of pods with a consumer that does not hold that revision
 * @param pods by pod UID: all pods in the first message, new and changed ones later
 * @param endedPods UIDs of pods that are gone since the last message
 */
public record Acknowledgement(
    long revision,
    Map<Evidence, Holding> counts,
    Set<String> laggardPods,
    Map<String, PodWord> pods,
    Set<String> endedPods) {
  /** Far above the pods that kubelet runs on a node (110 by default, 500 and more by design). */
  public static final int MAX_PODS = 1_000;

  private static final int LONGEST_UID = 64;

  public Acknowledgement {
    counts = Map.copyOf(counts);
    laggardPods = Set.copyOf(laggardPods);
    pods = Map.copyOf(pods);
    endedPods = Set.copyOf(endedPods);
    if (revision < 0) {
      throw new IllegalArgumentException("the revision is above 2^63");
    }
    Set<String> uids = new HashSet<>(laggardPods);
    uids.addAll(pods.keySet());
    uids.addAll(endedPods);
    if (pods.size() > MAX_PODS || laggardPods.size() > MAX_PODS || endedPods.size() > MAX_PODS) {
      throw new IllegalArgumentException("more than " + MAX_PODS + " pods in one list");
    }
    if (uids.stream().anyMatch(uid -> uid.isEmpty() || uid.length() > LONGEST_UID)) {
      throw new IllegalArgumentException("a pod UID is empty or longer than " + LONGEST_UID);
    }
  }

  /** This, as the state of before it was followed by {@code next}. */
  Acknowledgement followedBy(Acknowledgement next) {
    Map<String, PodWord> all = new HashMap<>(pods);
    all.putAll(next.pods);
    all.keySet().removeAll(next.endedPods);
    return new Acknowledgement(next.revision, next.counts, next.laggardPods, all, Set.of());
  }
}
