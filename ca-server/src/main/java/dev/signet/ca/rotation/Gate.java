package dev.signet.ca.rotation;

import dev.signet.ca.keys.KeyId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a step waits for, as it stands at one moment.
 *
 * @param step that it holds: ACTIVATE of the published root, RETIRE or REVOKE of an old one
 * @param root which root the step is about
 * @param tallies by class, all that have any consumer; classes are never added up
 * @param missing who is not there yet, and why
 */
public record Gate(Step.Kind step, KeyId root, List<Tally> tallies, List<Missing> missing) {
  public Gate {
    tallies = List.copyOf(tallies);
    missing = List.copyOf(missing);
  }

  public boolean isOpen() {
    return missing.isEmpty();
  }

  /** How sure it is, and of what kind the consumers are. */
  public enum ConsumerClass {
    /** CA processes, by the version of the state that they work by. */
    REPLICA,
    /** The place where agents find the bundle before they dial. */
    PUBLISHED_BUNDLE,
    AGENT,
    /** Pods whose consumers all said that they use it. */
    POD_ACKNOWLEDGED,
    /** Pods to whose streams it was written: sent, not loaded. */
    POD_SENT,
    /** Pods for which the agent holds it and that have taken nothing yet. */
    POD_HELD,
    /** Pods that took a leaf and have no open stream, or of which nobody says anything. */
    POD_UNSEEN
  }

  /** Of the consumers of a class, how many are there. */
  public record Tally(ConsumerClass kind, int confirmed, int total) {}

  /**
   * One that is not there.
   *
   * @param node where it is; empty for a replica
   * @param name of the replica, the node's agent or {@code namespace/pod}
   * @param podUid of a pod; empty for others
   * @param why one sentence without secrets
   * @param leaves when it leaves by itself, for its last leaf has ended then; empty if never
   */
  public record Missing(
      ConsumerClass kind,
      Optional<NodeRef> node,
      String name,
      String podUid,
      String why,
      Optional<Instant> leaves) {}
}
