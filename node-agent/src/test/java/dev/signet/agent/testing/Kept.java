package dev.signet.agent.testing;

import dev.signet.agent.pod.Pod;
import dev.signet.agent.pod.PodUid;
import dev.signet.agent.svid.IdentityKeeper;
import dev.signet.agent.svid.KeptIdentity;
import dev.signet.agent.volume.VolumeKeeper;
import dev.signet.agent.volume.VolumeTarget;
import java.util.HashMap;
import java.util.Map;

/** What was to be kept, in memory. */
public final class Kept implements IdentityKeeper, VolumeKeeper {
  private final Map<PodUid, KeptIdentity> identities = new HashMap<>();
  private final Map<VolumeTarget, Pod> volumes = new HashMap<>();

  @Override
  public synchronized void changed(PodUid pod, KeptIdentity identity) {
    identities.put(pod, identity);
  }

  @Override
  public synchronized void ended(PodUid pod) {
    identities.remove(pod);
  }

  @Override
  public synchronized void live(Pod pod, VolumeTarget target) {
    volumes.put(target, pod);
  }

  @Override
  public synchronized void gone(VolumeTarget target) {
    volumes.remove(target);
  }

  public synchronized Map<PodUid, KeptIdentity> identities() {
    return Map.copyOf(identities);
  }

  public synchronized Map<VolumeTarget, Pod> volumes() {
    return Map.copyOf(volumes);
  }
}
