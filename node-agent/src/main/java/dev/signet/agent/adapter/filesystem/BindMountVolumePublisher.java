package dev.signet.agent.adapter.filesystem;

import dev.signet.agent.adapter.linux.Descriptor;
import dev.signet.agent.adapter.linux.Errno;
import dev.signet.agent.adapter.linux.FileStatus;
import dev.signet.agent.adapter.linux.LinuxException;
import dev.signet.agent.adapter.linux.LinuxMounts;
import dev.signet.agent.adapter.linux.MountTable;
import dev.signet.agent.volume.VolumePublisher;
import dev.signet.agent.volume.VolumeTarget;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows a volume's folder at kubelet's target path by a read-only bind mount, which outlives the
 * agent.
 *
 * <p>Each call walks from kubelet's root folder to the target once, without links ({@link
 * Descriptor#walk}), and then acts on the places it holds: names swapped meanwhile take it nowhere
 * (THREATS.md T10). Whose a mount is, is read from the mount, not remembered. A mount of an agent's
 * tmpfs that does not show this volume's folder is stale, such as one whose folder was removed: it
 * counts as free, and {@link #bind} replaces it.
 *
 * <p>Thread-safe; two calls for one target must not overlap.
 */
public final class BindMountVolumePublisher implements VolumePublisher {
  /** As kubelet makes the parent. */
  private static final int FOLDER_MODE = 0750;

  private static final Logger log = LoggerFactory.getLogger(BindMountVolumePublisher.class);

  private final Path kubeletDir;
  private final Path runDir;

  /**
   * Publishes below the first what is in the second.
   *
   * @param runDir where {@link AgentTmpfs} is mounted
   */
  public BindMountVolumePublisher(Path kubeletDir, Path runDir) {
    this.kubeletDir = kubeletDir;
    this.runDir = runDir;
  }

  /** What is at the last name of a target path. */
  private enum Found {
    NOTHING,
    EMPTY_FOLDER,
    THIS_VOLUME,
    STALE_MOUNT,
    OTHER
  }

  @Override
  public Occupancy inspect(VolumeTarget target, Path folder) throws IOException {
    Optional<Descriptor> parent = parent(target);
    if (parent.isEmpty()) {
      return Occupancy.UNSAFE;
    }
    try (Descriptor in = parent.get()) {
      return switch (look(in, target, folder)) {
        case NOTHING, EMPTY_FOLDER, STALE_MOUNT -> Occupancy.FREE;
        case THIS_VOLUME -> Occupancy.OURS;
        case OTHER -> Occupancy.FOREIGN;
      };
    }
  }

  @Override
  public void bind(VolumeTarget target, Path folder) throws IOException {
    try (Descriptor in = parent(target).orElseThrow(() -> unsafe(target))) {
      Found found = look(in, target, folder);
      while (found == Found.STALE_MOUNT) {
        log.warn("Replaced the mount at {}: it showed a folder that is gone", target.path());
        detach(in, target);
        found = look(in, target, folder);
      }
      switch (found) {
        case NOTHING, EMPTY_FOLDER -> mount(in, target, folder);
        case THIS_VOLUME -> log.debug("{} is mounted already", target.path());
        case OTHER, STALE_MOUNT ->
            throw new IOException("something that is not this volume is at " + target.path());
      }
    }
  }

  private void mount(Descriptor in, VolumeTarget target, Path folder) throws IOException {
    boolean made = in.makeFolder(name(target), FOLDER_MODE);
    try (Descriptor at = in.walk(Path.of(name(target)));
        Descriptor source = source(folder);
        Descriptor clone = LinuxMounts.readOnlyClone(source)) {
      LinuxMounts.attach(clone, at);
    } catch (IOException e) {
      if (made) {
        in.removeFolder(name(target));
      }
      throw e;
    }
  }

  @Override
  public void unbind(VolumeTarget target, Path folder) throws IOException {
    Optional<Descriptor> parent = parent(target);
    if (parent.isEmpty()) {
      return;
    }
    try (Descriptor in = parent.get()) {
      Found found = look(in, target, folder);
      while (found == Found.THIS_VOLUME || found == Found.STALE_MOUNT) {
        detach(in, target);
        found = look(in, target, folder);
      }
      if (found == Found.OTHER || (found == Found.EMPTY_FOLDER && !in.removeFolder(name(target)))) {
        log.warn("What is at {} is not the agent's and stays", target.path());
      }
    }
  }

  /** The folder that kubelet made for the volume; empty where it is not there, or not safely so. */
  private Optional<Descriptor> parent(VolumeTarget target) throws IOException {
    try (Descriptor root = Descriptor.open(kubeletDir)) {
      return walk(root, kubeletDir.relativize(target.path().getParent()));
    }
  }

  private static Optional<Descriptor> walk(Descriptor from, Path below) throws IOException {
    try {
      return Optional.of(from.walk(below));
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOENT || isNoWay(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** A link, a file, or a way out where a folder should be. */
  private static boolean isNoWay(LinuxException e) {
    return switch (e.errno()) {
      case ELOOP, ENOTDIR, EXDEV -> true;
      default -> false;
    };
  }

  private Descriptor source(Path folder) throws IOException {
    try (Descriptor run = Descriptor.open(runDir)) {
      return run.walk(runDir.relativize(folder));
    }
  }

  private Found look(Descriptor in, VolumeTarget target, Path folder) throws IOException {
    try (Descriptor at = in.walk(Path.of(name(target)))) {
      FileStatus status = at.status();
      if (status.mountRoot()) {
        return isFolder(status, folder) ? Found.THIS_VOLUME : otherMount(status);
      }
      return status.isFolder() && isEmpty(at) ? Found.EMPTY_FOLDER : Found.OTHER;
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOENT) {
        return Found.NOTHING;
      }
      if (isNoWay(e)) {
        return Found.OTHER;
      }
      throw e;
    }
  }

  private boolean isFolder(FileStatus found, Path folder) throws IOException {
    try (Descriptor run = Descriptor.open(runDir)) {
      Optional<Descriptor> source = walk(run, runDir.relativize(folder));
      if (source.isEmpty()) {
        return false;
      }
      try (Descriptor own = source.get()) {
        return own.status().isSameFile(found);
      }
    }
  }

  private static Found otherMount(FileStatus status) throws IOException {
    return AgentTmpfs.isOurs(MountTable.read().at(status)) ? Found.STALE_MOUNT : Found.OTHER;
  }

  private static boolean isEmpty(Descriptor folder) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder.path())) {
      return !entries.iterator().hasNext();
    }
  }

  private static void detach(Descriptor in, VolumeTarget target) throws IOException {
    try (Descriptor at = in.walk(Path.of(name(target)))) {
      LinuxMounts.detach(at);
    }
  }

  private static String name(VolumeTarget target) {
    return target.path().getFileName().toString();
  }

  private static IOException unsafe(VolumeTarget target) {
    return new IOException(
        "the parent of "
            + target.path()
            + " is missing, or there is a symbolic link on the way to it");
  }
}
