package dev.signet.ca.session;

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
 * @param leaves serial of the leaf by pod UID, empty where it has none yet: of all pods in the
 *     first message, of new and changed ones later
 * @param endedPods UIDs of pods that are gone since the last message
 */
public record Acknowledgement(
    long revision,
    Map<Evidence, Holding> counts,
    Set<String> laggardPods,
    Map<String, String> leaves,
    Set<String> endedPods) {
  /** Far above the pods that kubelet runs on a node (110 by default, 500 and more by design). */
  public static final int MAX_PODS = 1_000;

  private static final int LONGEST_UID = 64;
  private static final int LONGEST_SERIAL = 40;

  public Acknowledgement {
    counts = Map.copyOf(counts);
    laggardPods = Set.copyOf(laggardPods);
    leaves = Map.copyOf(leaves);
    endedPods = Set.copyOf(endedPods);
    if (revision < 0) {
      throw new IllegalArgumentException("the revision is above 2^63");
    }
    Set<String> pods = new HashSet<>(laggardPods);
    pods.addAll(leaves.keySet());
    pods.addAll(endedPods);
    if (leaves.size() > MAX_PODS || laggardPods.size() > MAX_PODS || endedPods.size() > MAX_PODS) {
      throw new IllegalArgumentException("more than " + MAX_PODS + " pods in one list");
    }
    if (pods.stream().anyMatch(uid -> uid.isEmpty() || uid.length() > LONGEST_UID)) {
      throw new IllegalArgumentException("a pod UID is empty or longer than " + LONGEST_UID);
    }
    if (leaves.values().stream().anyMatch(serial -> serial.length() > LONGEST_SERIAL)) {
      throw new IllegalArgumentException("a serial is longer than " + LONGEST_SERIAL);
    }
  }

  /** This, as the state of before it was followed by {@code next}. */
  Acknowledgement followedBy(Acknowledgement next) {
    Map<String, String> all = new HashMap<>(leaves);
    all.putAll(next.leaves);
    all.keySet().removeAll(next.endedPods);
    return new Acknowledgement(next.revision, next.counts, next.laggardPods, all, Set.of());
  }
}
