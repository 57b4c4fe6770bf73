package dev.signet.ca.rotation;

import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an agent said of itself and its pods.
 *
 * @param revision of the bundle that the agent holds
 * @param replica that heard it
 * @param full whether {@code pods} are all of the node's, so that others are gone
 * @param pods by pod UID: those that are new or changed
 * @param ended UIDs of pods whose volume is gone
 */
public record AgentReport(
    NodeRef node,
    long revision,
    String replica,
    Instant heard,
    boolean full,
    Map<String, List<Seen>> pods,
    Set<String> ended) {
  public AgentReport {
    pods = Map.copyOf(pods);
    ended = Set.copyOf(ended);
    pods.keySet().forEach(AgentReport::requireText);
    ended.forEach(AgentReport::requireText);
  }

  /**
   * An agent's word lands in rows beside those of others: it must not be one that no column takes.
   */
  private static void requireText(String word) {
    if (word.length() > 256 || word.chars().anyMatch(c -> c < ' ' || c > '~')) {
      throw new IllegalArgumentException("not a UID or serial number");
    }
  }

  /**
   * A pod's consumers of one class of evidence, as far as their open streams tell: what went over
   * an earlier stream, or was handed out by an earlier process of the agent, is not known. So a pod
   * that may have a leaf from then, and has no stream of leaves open, is UNSEEN and not HELD; and a
   * stream that was closed is reported as closed before the next one is reported.
   *
   * @param consumers how many
   * @param revision the lowest that one of them holds; 0 if one was given nothing yet
   * @param serial of the oldest leaf that one of them shows, lower-case hex; empty for none
   */
  public record Seen(Evidence evidence, int consumers, long revision, String serial) {
    public Seen {
      requireText(serial);
      if (consumers < 0 || revision < 0) {
        throw new IllegalArgumentException("a negative number of consumers, or revision");
      }
    }
  }

  /** This word and the next one of the same agent as one. */
  AgentReport followedBy(AgentReport next) {
    if (next.full) {
      return next;
    }
    Map<String, List<Seen>> allPods = new HashMap<>(pods);
    allPods.putAll(next.pods);
    allPods.keySet().removeAll(next.ended);
    Set<String> allEnded = new HashSet<>(ended);
    allEnded.removeAll(next.pods.keySet());
    allEnded.addAll(next.ended);
    return new AgentReport(node, next.revision, next.replica, next.heard, full, allPods, allEnded);
  }
}
