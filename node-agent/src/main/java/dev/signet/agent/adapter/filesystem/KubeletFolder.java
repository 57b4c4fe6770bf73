package dev.signet.agent.adapter.filesystem;

import dev.signet.agent.adapter.linux.Descriptor;
import dev.signet.agent.adapter.linux.FileStatus;
import dev.signet.agent.adapter.linux.LinuxException;
import dev.signet.agent.adapter.linux.MountTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Kubelet's root folder, as the agent must find it before it mounts anything below. */
public final class KubeletFolder {
  private KubeletFolder() {}

  /**
   * Demands kubelet's own folders in it, and that the node sees mounts made there.
   *
   * @throws IOException saying what to do
   */
  public static void check(Path kubeletDir) throws IOException {
    for (String name : new String[] {"pods", "plugins_registry"}) {
      if (!Files.isDirectory(kubeletDir.resolve(name))) {
        throw new IOException(
            "kubelet_dir "
                + kubeletDir
                + " is not kubelet's root folder, it has no folder "
                + name
                + ": set kubelet_dir to kubelet's --root-dir, and mount it at the same path into"
                + " the agent's container");
      }
    }
    try (Descriptor root = Descriptor.open(kubeletDir);
        Descriptor pods = root.walk(Path.of("pods"))) {
      FileStatus status = pods.status();
      Propagation.requireShared("kubelet_dir " + kubeletDir, MountTable.read().at(status));
    } catch (LinuxException e) {
      throw new IOException("kubelet_dir " + kubeletDir + ": " + e.getMessage(), e);
    }
  }
}
