package dev.signet.process.config;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * To whom a file with a secret may be open: to its owner alone, or, if root owns it, also for
 * reading to a group that this process belongs to. The second is how kubelet mounts a Secret for a
 * pod that does not run as root (mode 0440, owner root, group {@code fsGroup}): such a process
 * cannot become the owner. It is PostgreSQL's rule for its key file. A file of this process's own
 * user gets no such leave, since there is a better mode for it.
 */
final class SecretFileMode {
  private static final int GROUP_READ = 0040;
  private static final int BEYOND_OWNER = 0077;

  private SecretFileMode() {}

  /** Owner, group and mode of a file, as stat(2) has them. */
  record Owned(int uid, int gid, int mode) {}

  /** What is wrong, and what to do; empty if the mode is narrow enough. */
  static Optional<String> fault(Path path, Owned file, ProcessIds process) {
    int beyond = file.mode() & BEYOND_OWNER;
    if (beyond == 0) {
      return Optional.empty();
    }
    boolean rootsNotOurs = file.uid() == 0 && process.uid() != 0;
    if (!rootsNotOurs) {
      return Optional.of("is open to others than its owner; run: chmod 600 " + path);
    }
    String mode = String.format(Locale.ROOT, "%04o", file.mode() & 07777);
    if (beyond != GROUP_READ) {
      return Optional.of(
          "has the mode "
              + mode
              + ", open to more than its group's reading; run: chmod 440 "
              + path
              + ", or for a mounted Secret set defaultMode: 0440");
    }
    if (!process.groups().contains(file.gid())) {
      return Optional.of(
          "has the mode "
              + mode
              + " and belongs to the group "
              + file.gid()
              + ", which is none of this process's ("
              + process.groups()
              + "); for a mounted Secret set fsGroup to the group that the container runs as");
    }
    return Optional.empty();
  }
}
