package dev.signet.agent.adapter.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Mounts as a node has them. Only in a mount namespace of the test's own. */
public final class TestMounts {
  private static final long MS_BIND = 0x1000;
  private static final long MS_PRIVATE = 0x4_0000;
  private static final long MS_SHARED = 0x10_0000;

  private TestMounts() {}

  /** A new file system at the path, whose mounts others see, as a node's root is. */
  public static void shared(Path at) throws IOException {
    unshared(at);
    Libc.mount("none", at.toString(), "none", MS_SHARED, "", at.toString());
  }

  /** A new file system at the path, whose mounts nobody else sees. */
  public static void unshared(Path at) throws IOException {
    Files.createDirectories(at);
    Libc.mount("test", at.toString(), "tmpfs", 0, "mode=0755", at.toString());
    Libc.mount("none", at.toString(), "none", MS_PRIVATE, "", at.toString());
  }

  /** Shows a folder at another, as a container runtime does with a host path. */
  public static void bind(Path folder, Path at) throws IOException {
    Files.createDirectories(at);
    Libc.mount(folder.toString(), at.toString(), "none", MS_BIND, "", at.toString());
  }

  /** Takes away the mount at the path with all below. */
  public static void gone(Path at) throws IOException {
    Libc.umount2(at.toString(), 2, at.toString());
  }

  /** The mounts at a path, the oldest first. */
  public static List<MountEntry> at(Path point) throws IOException {
    return at(point, Path.of("/proc/self/mountinfo"));
  }

  /** The same as another process sees them. */
  public static List<MountEntry> at(Path point, ProcessHandle process) throws IOException {
    return at(point, Path.of("/proc/" + process.pid() + "/mountinfo"));
  }

  private static List<MountEntry> at(Path point, Path table) throws IOException {
    return MountTable.parse(Files.readString(table)).mounts().stream()
        .filter(mount -> mount.point().equals(point.toString()))
        .toList();
  }

  /** Mounts of any agent's tmpfs. */
  public static long ofAgents() throws IOException {
    return MountTable.read().mounts().stream()
        .filter(mount -> mount.source().equals("signet-agent"))
        .count();
  }
}
