package dev.signet.agent.svid;

import dev.signet.agent.bundle.HeldBundle;
import org.jspecify.annotations.Nullable;

/**
 * All that a pod's workloads may see, at one moment: SVID and bundle are never seen torn.
 *
 * @param bundle what the SVID verifies with; null until the pod was once granted an identity. It
 *     stays when the SVID ends: who was entitled must survive a rotation
 */
public record WorkloadSnapshot(SvidStatus svid, @Nullable HeldBundle bundle) {
  static final WorkloadSnapshot NOTHING_YET = new WorkloadSnapshot(new SvidStatus.Waiting(), null);

  public WorkloadSnapshot {
    if (svid instanceof SvidStatus.Held && bundle == null) {
      throw new IllegalArgumentException("an SVID without a bundle");
    }
  }
}
