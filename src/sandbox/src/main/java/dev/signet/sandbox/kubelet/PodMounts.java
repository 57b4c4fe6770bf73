package dev.signet.sandbox.kubelet;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where the volumes of a pod are on this machine, by the volume's name. Only the volumes that the
 * stand-in mounts are here: inline CSI volumes (the target path that the driver made) and projected
 * ServiceAccount tokens (the folder of the files).
 */
public record PodMounts(Map<String, Path> paths) {
  public PodMounts {
    paths = Map.copyOf(paths);
  }

  public Optional<Path> path(String volume) {
    return Optional.ofNullable(paths.get(volume));
  }
}
