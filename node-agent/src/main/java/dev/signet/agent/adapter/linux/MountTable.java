package dev.signet.agent.adapter.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The mounts this process sees, at one moment. */
public record MountTable(List<MountEntry> mounts) {
  private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");

  public MountTable {
    mounts = List.copyOf(mounts);
  }

  /** Reads the table. */
  public static MountTable read() throws IOException {
    // Not UTF-8 for sure: a path may hold any byte.
    return parse(Files.readString(MOUNTINFO, StandardCharsets.ISO_8859_1));
  }

  static MountTable parse(String text) {
    return new MountTable(text.lines().map(MountEntry::parse).flatMap(Optional::stream).toList());
  }

  /**
   * The mount a place is on.
   *
   * @throws IOException where it is not, or no longer, one of this process's
   */
  public MountEntry at(FileStatus place) throws IOException {
    if (place.mount() < 0) {
      throw new IOException("the kernel names no mounts: " + Errno.ENOSYS.mend());
    }
    return mounts.stream()
        .filter(mount -> mount.id() == place.mount())
        .findFirst()
        .orElseThrow(() -> new IOException("mount " + place.mount() + " is not in " + MOUNTINFO));
  }
}
