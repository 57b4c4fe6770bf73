package dev.signet.process.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Optional;

/**
 * A file that holds a secret. It must be a regular file (symbolic links are followed: a mounted
 * Secret is made of them), not empty, and closed to all but its owner; a file of root may also be
 * readable by this process's own group ({@link SecretFileMode}). This finds mistakes; it cannot
 * find an attacker who changes the file between check and use. Immutable.
 */
public final class SecretFile {
  private final Path path;

  private SecretFile(Path path) {
    this.path = path;
  }

  /**
   * Checks the file at {@code path}.
   *
   * @throws IllegalArgumentException saying what is wrong with the file and what to do; never with
   *     its content
   */
  public static SecretFile of(Path path) {
    Optional<String> fault = fault(path);
    if (fault.isPresent()) {
      throw new IllegalArgumentException(path + " " + fault.get());
    }
    return new SecretFile(path);
  }

  public Path path() {
    return path;
  }

  /**
   * The file's bytes, checked anew. They are the caller's, to wipe after use.
   *
   * @throws IOException saying what is wrong and what to do, also where there are more than {@code
   *     maxBytes}
   */
  public byte[] read(int maxBytes) throws IOException {
    Optional<String> fault = fault(path);
    if (fault.isPresent()) {
      throw new FileSystemException(path.toString(), null, fault.get());
    }
    try (InputStream in = Files.newInputStream(path)) {
      byte[] bytes = in.readNBytes(maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw new FileSystemException(
            path.toString(),
            null,
            "is larger than " + maxBytes + " bytes; it is not the secret that belongs here");
      }
      return bytes;
    }
  }

  private static Optional<String> fault(Path path) {
    if (Files.isDirectory(path)) {
      return Optional.of("is a folder; name the file in it");
    }
    if (!Files.exists(path)) {
      return Optional.of(
          "does not exist, or its folder is closed to this user; create it with mode 0600");
    }
    if (!Files.isRegularFile(path)) {
      return Optional.of("is not a regular file");
    }
    try {
      PosixFileAttributes attributes = Files.readAttributes(path, PosixFileAttributes.class);
      Optional<String> open = SecretFileMode.fault(path, owned(path), ProcessIds.own());
      if (open.isPresent()) {
        return open;
      }
      if (attributes.size() == 0) {
        return Optional.of("is empty; write the secret into it");
      }
      return Files.isReadable(path)
          ? Optional.empty()
          : Optional.of(
              "cannot be read by this user; make it the file's owner ("
                  + attributes.owner().getName()
                  + " is)");
    } catch (IOException e) {
      return Optional.of("cannot be examined: " + e.getClass().getSimpleName());
    }
  }

  private static SecretFileMode.Owned owned(Path path) throws IOException {
    return new SecretFileMode.Owned(
        (int) Files.getAttribute(path, "unix:uid"),
        (int) Files.getAttribute(path, "unix:gid"),
        (int) Files.getAttribute(path, "unix:mode"));
  }

  /** The path, not the content. */
  @Override
  public String toString() {
    return path.toString();
  }
}
