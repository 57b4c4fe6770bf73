package dev.signet.cli.cluster;

import java.util.List;

/**
 * What all pods together tell.
 *
 * @param users those with Signet's volume
 * @param running those of the namespaces that were asked for, for a trial with a token
 * @param kubeletFolders where other CSI drivers found kubelet's folder
 */
public record PodFacts(
    List<VolumeUser> users, List<RunningPod> running, List<KubeletFolder> kubeletFolders) {
  public PodFacts {
    users = List.copyOf(users);
    running = List.copyOf(running);
    kubeletFolders = List.copyOf(kubeletFolders);
  }

  /**
   * Kubelet's root folder, as a running pod mounts it to register a CSI driver.
   *
   * @param path the root, for example {@code /var/lib/kubelet}
   */
  public record KubeletFolder(PodRef pod, String node, String path) {}
}
