package dev.signet.ca.rotation;

import dev.signet.ca.keys.KeyId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Everybody who may rely on a root, and what is known of each.
 *
 * @param replicas all that were seen within the hour before the newest of them was
 * @param agents those whose last SVID has not ended
 * @param pods those with a leaf that has not ended and a volume that is not known to be gone
 */
public record Consumers(List<ReplicaReport> replicas, List<Agent> agents, List<Pod> pods) {
  public Consumers {
    replicas = List.copyOf(replicas);
    agents = List.copyOf(agents);
    pods = List.copyOf(pods);
  }

  /**
   * A node's agent.
   *
   * @param issuer of its newest SVID
   * @param revision that it holds by its own word; 0 if it said nothing yet
   * @param heard when it was last heard of, its heartbeats among it; empty if never
   */
  public record Agent(
      NodeRef node, KeyId issuer, Instant notAfter, long revision, Optional<Instant> heard) {}

  /**
   * A pod.
   *
   * @param leaves those that have not ended, in the order in which they were signed
   * @param shown its consumers by class of evidence; empty if its agent said nothing of it
   */
  public record Pod(
      NodeRef node,
      String namespace,
      String name,
      String uid,
      String spiffeId,
      List<Leaf> leaves,
      List<Shown> shown) {
    public Pod {
      leaves = List.copyOf(leaves);
      shown = List.copyOf(shown);
    }
  }

  /** A recorded leaf, and the issuing authority that signed it. */
  public record Leaf(String serial, KeyId issuer, Instant notAfter) {}

  /**
   * A pod's consumers of one class of evidence.
   *
   * @param revision the lowest that one of them holds
   * @param serial of the oldest leaf that one of them shows; empty for none
   * @param since when revision and serial were first so, by the replica's clock; a full report
   *     begins anew
   */
  public record Shown(
      Evidence evidence, int consumers, long revision, String serial, Instant since) {}
}
