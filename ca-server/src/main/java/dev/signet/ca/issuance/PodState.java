package dev.signet.ca.issuance;

/**
 * A pod as the API server has it now.
 *
 * @param serviceAccount name of its account, in its own namespace
 * @param nodeName empty while it is not scheduled
 * @param deletionMarked whether {@code metadata.deletionTimestamp} is set
 */
public record PodState(
    String namespace,
    String name,
    String uid,
    String serviceAccount,
    String nodeName,
    Phase phase,
    boolean deletionMarked) {

  /** {@code status.phase}. */
  public enum Phase {
    PENDING,
    RUNNING,
    SUCCEEDED,
    FAILED,
    UNKNOWN;

    /** CSI volumes are mounted before any container runs, so that a pending pod counts. */
    boolean live() {
      return this == PENDING || this == RUNNING;
    }
  }

  /** Whether the pod is on its way or at work, and stays so as far as anybody knows. */
  public boolean live() {
    return phase.live() && !deletionMarked;
  }
}
