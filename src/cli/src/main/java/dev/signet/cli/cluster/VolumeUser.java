package dev.signet.cli.cluster;

/**
 * A pod that uses Signet's volume.
 *
 * @param node empty while it is not scheduled
 * @param deleting whether it is marked for deletion
 * @param owner what made it, as {@code Deployment/web}; empty for a bare pod
 * @param subPath whether a container mounts a path inside the volume
 */
public record VolumeUser(
    PodRef pod,
    String account,
    String node,
    String phase,
    boolean deleting,
    String owner,
    boolean subPath) {

  /** Finished for good, by its phase: its containers never run again. */
  public boolean finished() {
    return phase.equals("Succeeded") || phase.equals("Failed");
  }

  /**
   * Whether an agent is needed yet: to publish the volume, or to take it down. A finished pod that
   * is being deleted goes once its kubelet has taken the volume down.
   */
  public boolean inUse() {
    return !finished() || (deleting && !node.isEmpty());
  }
}
