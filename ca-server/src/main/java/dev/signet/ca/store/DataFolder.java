package dev.signet.ca.store;

import dev.signet.ca.authority.StartRefusedException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The data folder, held. At most one process has it: two would sign side by side and each trust its
 * own memory. The kernel releases it when a process ends in whatever way.
 */
public final class DataFolder implements AutoCloseable {
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final FileChannel channel;

  private DataFolder(FileChannel channel) {
    this.channel = channel;
  }

  /** Makes it, durably and for its owner alone, if it is not there; for setting up a CA alone. */
  public static void create(Path folder) throws StartRefusedException {
    try {
      if (!Files.isDirectory(folder)) {
        Files.createDirectory(folder, OWNER_ONLY);
        Path parent = folder.toAbsolutePath().getParent();
        if (parent != null) {
          sync(parent);
        }
      }
    } catch (IOException e) {
      throw new StartRefusedException("the data folder " + folder + " cannot be made: " + e, e);
    }
  }

  /** Takes it until {@link #close}; makes none. */
  public static DataFolder take(Path folder) throws StartRefusedException {
    Path file = folder.resolve("ca.lock");
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        channel.close();
        throw new StartRefusedException(
            "another CA process uses the data folder "
                + folder
                + "; exactly one may. Stop it, or give this one a folder of its own");
      }
      return new DataFolder(channel);
    } catch (IOException e) {
      throw new StartRefusedException(file + " cannot be locked: " + e, e);
    }
  }

  /** Makes durable what was made in a folder. */
  public static void sync(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException _) {
      return null;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
