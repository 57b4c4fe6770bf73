package dev.signet.ca.adapter.admin;

import dev.signet.process.StartRefusedException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/** The place of the socket: whether it can be one, and whether somebody has it already. */
final class AdminSocket {
  /** {@code sun_path} holds 108 bytes and the last is NUL. */
  static final int MAX_PATH_BYTES = 107;

  private static final String ELSEWHERE = "name another place (admin.socket)";

  private AdminSocket() {}

  /**
   * Makes the place free: a socket on which nobody listens any more is removed.
   *
   * @throws StartRefusedException if the place cannot be had
   */
  static void clear(Path path) throws StartRefusedException {
    int length = path.toString().getBytes(StandardCharsets.UTF_8).length;
    if (length > MAX_PATH_BYTES) {
      throw new StartRefusedException(
          "the operators' socket "
              + path
              + " has a path of "
              + length
              + " bytes, and a Unix socket's holds at most "
              + MAX_PATH_BYTES
              + "; name a shorter one (admin.socket)");
    }
    try {
      removeStale(path);
    } catch (IOException e) {
      throw new StartRefusedException(
          "whether the operators' socket "
              + path
              + " is free cannot be told: "
              + e.getMessage()
              + "; make its folder accessible to the CA, or "
              + ELSEWHERE,
          e);
    }
  }

  private static void removeStale(Path path) throws StartRefusedException, IOException {
    BasicFileAttributes found;
    try {
      found = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException absent) {
      return;
    }
    if (!found.isOther()) {
      throw new StartRefusedException(
          path
              + " is there and is no socket, so operators' calls cannot be taken there; move it away, or "
              + ELSEWHERE);
    }
    if (isServed(path)) {
      throw new StartRefusedException(
          "another process listens on the operators' socket "
              + path
              + "; stop the CA that runs already, or "
              + ELSEWHERE);
    }
    Files.deleteIfExists(path);
  }

  /** Does not wait: a full queue of connections is a process that lives. */
  private static boolean isServed(Path path) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.configureBlocking(false);
      channel.connect(UnixDomainSocketAddress.of(path));
      return true;
    } catch (ConnectException nobody) {
      return false;
    } catch (NoSuchFileException gone) {
      return false;
    }
  }

  /** For its owner alone, which root is besides. */
  static void restrict(Path path) throws IOException {
    if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .isOther()) {
      throw new IOException(path + " is no socket any more: someone else writes to its folder");
    }
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
  }
}
