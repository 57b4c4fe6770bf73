package dev.signet.ca.adapter.sqlite;

import dev.signet.ca.authority.StartRefusedException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * At most one process has the data folder: two would sign side by side and each trust its own
 * memory. The kernel releases the lock when a process ends in whatever way.
 */
final class DataFolderLock implements AutoCloseable {
  private final FileChannel channel;

  private DataFolderLock(FileChannel channel) {
    this.channel = channel;
  }

  static DataFolderLock take(Path folder) throws StartRefusedException {
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
      return new DataFolderLock(channel);
    } catch (IOException e) {
      throw new StartRefusedException(file + " cannot be locked: " + e, e);
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
