package dev.signet.agent.adapter.linux;

/**
 * Error numbers of Linux that the agent's calls meet, equal on all machines the JDK runs on, each
 * with what to do about it where that is known.
 */
public enum Errno {
  EPERM(1, "the agent's container must be privileged (securityContext.privileged: true), as root"),
  ENOENT(2, ""),
  EAGAIN(11, ""),
  ENOMEM(12, "the node, or the container's memory limit, has no memory left for it"),
  EACCES(
      13, "a security module of the node (SELinux, AppArmor) forbids it: its audit log says why"),
  EBUSY(16, ""),
  EEXIST(17, ""),
  EXDEV(18, ""),
  ENOTDIR(20, ""),
  EINVAL(22, ""),
  ENFILE(23, "the node has no file descriptors left"),
  EMFILE(24, "the agent has no file descriptors left: raise its limit"),
  ENOSPC(28, "the file system, or the node's limit of mounts (fs.mount-max), is full"),
  EROFS(30, "the file system is mounted read-only into the agent"),
  ENOSYS(38, "the agent needs Linux 5.12 or later, this is " + System.getProperty("os.version")),
  ENOTEMPTY(39, ""),
  ELOOP(40, ""),
  /** Any other. */
  OTHER(0, "");

  private final int number;
  private final String mend;

  Errno(int number, String mend) {
    this.number = number;
    this.mend = mend;
  }

  static Errno of(int number) {
    for (Errno errno : values()) {
      if (errno.number == number) {
        return errno;
      }
    }
    return OTHER;
  }

  /** What to do; empty where the error alone does not tell. */
  String mend() {
    return mend;
  }
}
