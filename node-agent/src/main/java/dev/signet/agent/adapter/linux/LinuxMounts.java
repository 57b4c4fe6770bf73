package dev.signet.agent.adapter.linux;

/**
 * Mounts, from and to places that were walked: no path is looked up again on the way.
 *
 * <p>A volume is shown by the mount calls of Linux 5.2 and 5.12 and not by {@code mount(2)} with a
 * remount behind it: between those two the mount can be written to, and the remount never reaches
 * the node's own view of it, because flags do not propagate (ADR 11).
 */
public final class LinuxMounts {
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int OPEN_TREE_CLONE = 1;
  private static final int OPEN_TREE_CLOEXEC = 0x8_0000;
  private static final int MOVE_MOUNT_F_EMPTY_PATH = 0x4;
  private static final int MOVE_MOUNT_T_EMPTY_PATH = 0x40;
  private static final long MOUNT_ATTR_RDONLY = 0x1;
  private static final long MOUNT_ATTR_NOSUID = 0x2;
  private static final long MOUNT_ATTR_NODEV = 0x4;
  private static final long MOUNT_ATTR_NOEXEC = 0x8;
  private static final long MS_NOSUID = 0x2;
  private static final long MS_NODEV = 0x4;
  private static final long MS_NOEXEC = 0x8;
  private static final long MS_REMOUNT = 0x20;
  private static final long MS_PRIVATE = 0x4_0000;
  private static final int MNT_DETACH = 2;

  private LinuxMounts() {}

  /**
   * A mount of a folder that is nowhere yet: read-only, no set-user-ID, no devices, nothing to
   * execute. Closed without {@link #attach}, it is gone.
   */
  public static Descriptor readOnlyClone(Descriptor folder) throws LinuxException {
    String subject = folder.toString();
    var clone =
        new Descriptor(
            Libc.openTree(
                folder.number(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH, subject),
            folder.shown());
    try {
      // Private: it shall not receive what is mounted below the agent's own folders, nor give.
      Libc.mountSetattr(
          clone.number(),
          AT_EMPTY_PATH,
          MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
          MS_PRIVATE,
          subject);
      return clone;
    } catch (LinuxException e) {
      clone.close();
      throw e;
    }
  }

  /** Puts a clone at its place, with all its flags, here and wherever the place propagates to. */
  public static void attach(Descriptor clone, Descriptor at) throws LinuxException {
    Libc.moveMount(
        clone.number(),
        at.number(),
        MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH,
        at.toString());
  }

  /** Takes away the mount whose root this is, even one in use: users keep what they have open. */
  public static void detach(Descriptor mountRoot) throws LinuxException {
    Libc.umount2(mountRoot.path().toString(), MNT_DETACH, mountRoot.toString());
  }

  /**
   * Mounts a new tmpfs over a folder: no set-user-ID, no devices, nothing to execute.
   *
   * @param source the name under which the mount table shows it
   * @param options of the tmpfs, such as {@code mode=0700}
   */
  public static void tmpfs(String source, Descriptor at, String options) throws LinuxException {
    Libc.mount(
        source,
        at.path().toString(),
        "tmpfs",
        MS_NOSUID | MS_NODEV | MS_NOEXEC,
        options,
        at.toString());
  }

  /** Changes options of the tmpfs whose root this is. */
  public static void changeTmpfs(String source, Descriptor root, String options)
      throws LinuxException {
    Libc.mount(
        source,
        root.path().toString(),
        "tmpfs",
        MS_REMOUNT | MS_NOSUID | MS_NODEV | MS_NOEXEC,
        options,
        root.toString());
  }
}
