package dev.signet.ca.rotation;

import dev.signet.ca.issuance.RefusedException;
import java.time.Instant;
import java.util.List;

/**
 * Who holds what, as the replicas that hear it write it down. Implementations are thread-safe;
 * every call may block, and fails with {@code STORE_UNAVAILABLE}.
 */
public interface EvidenceStore {
  /**
   * Writes down what agents said, in one transaction, in the order given. What is said of a pod
   * replaces all that was said of it; what it shows is so since it was first said to be.
   *
   * <p>A pod that was ended, or that a full report does not name any more, is gone until it is
   * named again. One that was never named is gone by a full report if its leaves are older by
   * {@link EvidenceRows#MEANWHILE}.
   */
  void heard(List<AgentReport> reports) throws RefusedException;

  /** Writes down how far a replica is. */
  void replica(ReplicaReport report) throws RefusedException;

  /**
   * Everybody who may rely on a root: the replicas, the agents and the pods.
   *
   * @param unexpiredAt pods and agents whose last leaf had ended by then are left out, and so are
   *     pods whose volume is gone
   */
  Consumers consumers(Instant unexpiredAt) throws RefusedException;
}
