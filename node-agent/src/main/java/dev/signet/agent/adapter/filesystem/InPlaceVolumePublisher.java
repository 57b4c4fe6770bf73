package dev.signet.agent.adapter.filesystem;

import dev.signet.agent.volume.VolumePublisher;
import dev.signet.agent.volume.VolumeTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Publishes without a mount: the target path becomes a symbolic link to the volume's folder. For
 * the sandbox alone, where workloads share the agent's mount namespace; a container could not
 * follow it.
 *
 * <p>Each folder from kubelet's root to the target is looked at without following links, so that a
 * link planted on the way takes the agent nowhere. Pods cannot write to these folders.
 */
public final class InPlaceVolumePublisher implements VolumePublisher {
  private final Path kubeletDir;

  public InPlaceVolumePublisher(Path kubeletDir) {
    this.kubeletDir = kubeletDir;
  }

  @Override
  public Occupancy inspect(VolumeTarget target, Path folder) throws IOException {
    Path at = kubeletDir;
    for (Path name : kubeletDir.relativize(target.path().getParent())) {
      at = at.resolve(name);
      if (!Files.isDirectory(at, LinkOption.NOFOLLOW_LINKS)) {
        return Occupancy.UNSAFE;
      }
    }
    if (Files.isSymbolicLink(target.path())) {
      return Files.readSymbolicLink(target.path()).equals(folder)
          ? Occupancy.OURS
          : Occupancy.FOREIGN;
    }
    return Files.exists(target.path(), LinkOption.NOFOLLOW_LINKS)
        ? Occupancy.FOREIGN
        : Occupancy.FREE;
  }

  @Override
  public void bind(VolumeTarget target, Path folder) throws IOException {
    Files.createSymbolicLink(target.path(), folder);
  }

  @Override
  public void unbind(VolumeTarget target, Path folder) throws IOException {
    if (inspect(target, folder) == Occupancy.OURS) {
      Files.delete(target.path());
    }
  }
}
