package dev.signet.cli.cluster;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A node.
 *
 * @param ready its condition {@code Ready}
 * @param schedulable not cordoned
 * @param taints those that keep pods off, as {@code key:effect}
 * @param drivers the CSI drivers that its kubelet has registered
 * @param heartbeatAge API server's time less the time on its last heartbeat, which the node's own
 *     clock wrote; empty where there is no heartbeat
 */
public record NodeFact(
    String name,
    String uid,
    NodeSystem system,
    boolean ready,
    boolean schedulable,
    List<String> taints,
    Observed<Set<String>> drivers,
    Observed<Optional<Duration>> heartbeatAge) {
  public NodeFact {
    taints = List.copyOf(taints);
  }

  /** Whether it may get pods: ready and not cordoned. */
  public boolean takesPods() {
    return ready && schedulable;
  }

  /**
   * What a node runs.
   *
   * @param kubelet empty if it says nothing that is a version
   * @param kernel {@code uname -r}
   * @param distribution {@code k0s}, {@code microk8s} or empty: those that keep kubelet's folder
   *     elsewhere
   */
  public record NodeSystem(
      Optional<KubernetesVersion> kubelet,
      String kernel,
      String os,
      String architecture,
      String distribution) {
    /** The one platform that Signet's images are for. */
    public boolean isLinuxOnAmd64() {
      return os.equals("linux") && architecture.equals("amd64");
    }
  }
}
