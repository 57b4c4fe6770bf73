package dev.signet.agent.cache;

import dev.signet.agent.pod.Pod;
import dev.signet.agent.svid.KeptIdentity;
import dev.signet.agent.volume.VolumeTarget;

/**
 * What is kept of one live volume. It may hold a private key.
 *
 * @param pod the volume's, the same as the target's
 */
public record VolumeRecord(Pod pod, VolumeTarget target, KeptIdentity identity) {
  public VolumeRecord {
    if (!pod.uid().equals(target.pod())) {
      throw new IllegalArgumentException("a volume of another pod");
    }
  }
}
