package dev.signet.sandbox.kubelet;

import dev.signet.sandbox.kubelet.BoundPod.CsiVolume;
import dev.signet.sandbox.kubelet.BoundPod.TokenVolume;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** All volumes of a pod that the stand-in knows; volumes of other kinds are left out. */
final class PodVolumes {
  private final KubeletConfig config;
  private final PodTokens tokens;
  private final TokenFiles tokenFiles;
  private final CsiVolumes csi;

  PodVolumes(KubeletConfig config, PodTokens tokens, TokenFiles tokenFiles, CsiVolumes csi) {
    this.config = config;
    this.tokens = tokens;
    this.tokenFiles = tokenFiles;
    this.csi = csi;
  }

  /**
   * Mounts what is not mounted, and mounts the rest again: tokens renew, drivers are called once
   * more.
   */
  PodMounts setUp(BoundPod pod) throws MountException {
    Map<String, Path> paths = new HashMap<>();
    for (TokenVolume volume : pod.tokenVolumes()) {
      paths.put(volume.name(), tokenFiles.write(pod, volume));
    }
    for (CsiVolume volume : pod.csiVolumes()) {
      paths.put(volume.name(), csi.publish(pod, volume));
    }
    return new PodMounts(paths);
  }

  /** Unmounts everything and removes the pod's folder. Nothing to do for what was never mounted. */
  void tearDown(BoundPod pod) throws MountException {
    for (CsiVolume volume : pod.csiVolumes()) {
      if (csi.exists(pod, volume)) {
        csi.unpublish(pod, volume);
      }
    }
    tokens.forget(pod.uid());
    try {
      Trees.delete(config.podDir(pod.uid()));
    } catch (IOException e) {
      throw new MountException("The folder of " + pod + " cannot be removed", e);
    }
  }
}
