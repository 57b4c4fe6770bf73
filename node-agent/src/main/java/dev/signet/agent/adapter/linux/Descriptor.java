package dev.signet.agent.adapter.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * A place in the file system, held by a descriptor that only names it ({@code O_PATH}): whatever is
 * renamed, swapped or mounted over afterwards, it stays the same place. Whoever opened it closes
 * it. For one thread at a time.
 */
public final class Descriptor implements AutoCloseable {
  private static final int O_PATH = 0x20_0000;
  private static final int O_CLOEXEC = 0x8_0000;
  private static final int O_NOFOLLOW =
      System.getProperty("os.arch").equals("aarch64") ? 0x8000 : 0x2_0000;
  private static final long RESOLVE_NO_MAGICLINKS = 0x02;
  private static final long RESOLVE_NO_SYMLINKS = 0x04;
  private static final long RESOLVE_BENEATH = 0x08;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int AT_REMOVEDIR = 0x200;
  private static final int WALKS = 8;

  private final int number;
  private final Path shown;
  private boolean closed;

  Descriptor(int number, Path shown) {
    this.number = number;
    this.shown = shown;
  }

  /** A path the operator chose: links in it are followed. */
  public static Descriptor open(Path path) throws LinuxException {
    return new Descriptor(Libc.open(path.toString(), O_PATH | O_CLOEXEC), path);
  }

  /** The same, but the last name is taken as it is, be it a link. */
  public static Descriptor openItself(Path path) throws LinuxException {
    return new Descriptor(Libc.open(path.toString(), O_PATH | O_CLOEXEC | O_NOFOLLOW), path);
  }

  /**
   * A path below this folder, walked by the kernel without leaving the folder and without following
   * a link of any kind.
   *
   * @throws LinuxException {@link Errno#ENOENT} or {@link Errno#ENOTDIR} where there is no such
   *     path, {@link Errno#ELOOP} where a link is on it
   */
  public Descriptor walk(Path below) throws LinuxException {
    Path whole = shown.resolve(below);
    for (int left = WALKS; ; left--) {
      try {
        return new Descriptor(
            Libc.openat2(
                number,
                below.toString(),
                O_PATH | O_CLOEXEC,
                RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
                whole.toString()),
            whole);
      } catch (LinuxException e) {
        // A rename somewhere on the node met the walk (openat2(2)): walk again.
        if (e.errno() != Errno.EAGAIN || left == 0) {
          throw e;
        }
      }
    }
  }

  /** What is here now. */
  public FileStatus status() throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment statx = arena.allocate(FileStatus.LAYOUT);
      Libc.statx(number, AT_EMPTY_PATH, FileStatus.MASK, statx, shown.toString());
      return FileStatus.of(statx);
    }
  }

  /**
   * A path of this process alone that leads here and nowhere else, for calls that take a path.
   * Valid until this is closed.
   */
  public Path path() {
    return Path.of("/proc/self/fd/" + number);
  }

  /** Makes a folder in this one; one that is there stays. */
  public boolean makeFolder(String name, int mode) throws LinuxException {
    try {
      Libc.mkdirat(number, name, mode, shown.resolve(name).toString());
      return true;
    } catch (LinuxException e) {
      if (e.errno() == Errno.EEXIST) {
        return false;
      }
      throw e;
    }
  }

  /** Removes an empty folder in this one; says whether it is gone, and not what it was. */
  public boolean removeFolder(String name) throws LinuxException {
    try {
      Libc.unlinkat(number, name, AT_REMOVEDIR, shown.resolve(name).toString());
      return true;
    } catch (LinuxException e) {
      return switch (e.errno()) {
        case ENOENT -> true;
        case ENOTEMPTY, EEXIST, ENOTDIR, EBUSY -> false;
        default -> throw e;
      };
    }
  }

  int number() {
    return number;
  }

  Path shown() {
    return shown;
  }

  @Override
  public void close() throws LinuxException {
    if (!closed) {
      closed = true;
      Libc.close(number, shown.toString());
    }
  }

  /** The path by which it was opened. */
  @Override
  public String toString() {
    return shown.toString();
  }
}
