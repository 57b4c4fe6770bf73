package dev.signet.agent.adapter.filesystem;

import dev.signet.agent.adapter.linux.Descriptor;
import dev.signet.agent.adapter.linux.Errno;
import dev.signet.agent.adapter.linux.FileStatus;
import dev.signet.agent.adapter.linux.LinuxException;
import dev.signet.agent.adapter.linux.LinuxMounts;
import dev.signet.agent.adapter.linux.MountEntry;
import dev.signet.agent.adapter.linux.MountTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent's own tmpfs at its run folder: nothing in it reaches a disk, and what pods are shown is
 * on a file system that holds nothing else. It is the node's, not the container's: an agent that
 * comes after finds it, with the volumes that live in it. A reboot ends it.
 */
public final class AgentTmpfs {
  /** Its name in the mount table, by which it is known again. */
  static final String SOURCE = "signet-agent";

  private static final Logger log = LoggerFactory.getLogger(AgentTmpfs.class);

  private AgentTmpfs() {}

  /**
   * Mounts it where it is not mounted yet.
   *
   * @param size in bytes, its limit
   * @param selinuxLabel of everything in it; needs a node with SELinux
   * @throws IOException saying what to do
   */
  public static void mount(Path runDir, long size, Optional<String> selinuxLabel)
      throws IOException {
    Files.createDirectories(runDir);
    try (Descriptor at = Descriptor.open(runDir)) {
      FileStatus status = at.status();
      MountEntry entry = MountTable.read().at(status);
      Propagation.requireShared("run_dir " + runDir, entry);
      // What every publish will do, made and dropped: a kernel or a container that cannot is found
      // out now, before anything is mounted.
      LinuxMounts.readOnlyClone(at).close();
      if (status.mountRoot() && isWhole(entry)) {
        reuse(at, entry, size, selinuxLabel);
      } else {
        create(at, size, selinuxLabel);
      }
    }
  }

  /** Whether a mount shows the agent's tmpfs, or a folder of it. */
  static boolean isOurs(MountEntry entry) {
    return entry.type().equals("tmpfs") && entry.source().equals(SOURCE);
  }

  private static boolean isWhole(MountEntry entry) {
    return isOurs(entry) && entry.root().equals("/");
  }

  private static void create(Descriptor at, long size, Optional<String> label) throws IOException {
    try {
      LinuxMounts.tmpfs(SOURCE, at, options(size, label));
    } catch (LinuxException e) {
      if (e.errno() == Errno.EINVAL && label.isPresent()) {
        throw new IOException(
            "the tmpfs with selinux_label "
                + label.get()
                + " is refused: this node has no SELinux, or does not know the label; remove"
                + " selinux_label or correct it",
            e);
      }
      throw e;
    }
    log.info("Mounted the agent's tmpfs at {}", at);
  }

  private static void reuse(Descriptor at, MountEntry entry, long size, Optional<String> label)
      throws IOException {
    // No label can be given to a tmpfs that is mounted, and volumes of running pods live in it.
    if (label.isPresent() && !entry.superOptions().contains(label.get())) {
      log.warn(
          "The tmpfs at {} was mounted without selinux_label {}, which counts from the node's next"
              + " boot on; or drain the node and run umount {}",
          at,
          label.get(),
          at);
    }
    try {
      LinuxMounts.changeTmpfs(SOURCE, at, "size=" + size);
    } catch (LinuxException e) {
      if (e.errno() != Errno.EINVAL) {
        throw e;
      }
      log.warn("The tmpfs at {} holds more than run_size, {} bytes: its size stays", at, size);
    }
  }

  static String options(long size, Optional<String> label) {
    // Quoted: categories of a label are parted by commas.
    return "mode=0700,size=" + size + label.map(text -> ",context=\"" + text + "\"").orElse("");
  }
}
