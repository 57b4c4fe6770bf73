package dev.signet.ca.adapter.keys;

import dev.signet.ca.keys.KeyId;
import dev.signet.ca.keys.KeyManagerException;
import dev.signet.ca.keys.KeyManagerException.Problem;
import dev.signet.ca.keys.SealedKeyPlace;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One sealed file a key, mode 0600 in a folder of mode 0700. Files are there whole or not at all,
 * after any crash: written beside their place, synced, renamed, and the folder synced. Thread-safe.
 * One process at a time: who holds the data folder's lock.
 */
public final class KeyFolder implements SealedKeyPlace {
  private static final String SUFFIX = ".key";
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> FOLDER_OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  private final Path path;

  public KeyFolder(Path path) {
    this.path = path;
  }

  @Override
  public synchronized boolean write(KeyId id, byte[] sealed, Runnable written)
      throws KeyManagerException {
    Path file = file(id);
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try {
      write(file, sealed, written);
      return true;
    } catch (IOException e) {
      throw new KeyManagerException(
          Problem.UNAVAILABLE,
          file + " cannot be written (" + e.getMessage() + "); look at space and permissions",
          e);
    }
  }

  private void write(Path file, byte[] content, Runnable beforeRename) throws IOException {
    prepare();
    Path temporary = file.resolveSibling("." + file.getFileName() + ".new");
    // One of an earlier process that died while writing; its key was used for nothing.
    Files.deleteIfExists(temporary);
    Set<StandardOpenOption> options =
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (FileChannel channel =
        FileChannel.open(temporary, options, PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
    beforeRename.run();
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    sync(path);
  }

  @Override
  public synchronized void delete(KeyId id) throws KeyManagerException {
    try {
      if (Files.deleteIfExists(file(id))) {
        sync(path);
      }
    } catch (IOException e) {
      throw new KeyManagerException(
          Problem.UNAVAILABLE, file(id) + " cannot be deleted: " + e.getMessage(), e);
    }
  }

  /** A volume may have been mounted with wider modes than the files were made with. */
  @Override
  public Optional<byte[]> read(KeyId id, int limit) throws KeyManagerException {
    Path file = file(id);
    try {
      narrow(path, FOLDER_OWNER_ONLY);
      narrow(file, OWNER_ONLY);
      try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
        return Optional.of(in.readNBytes(limit));
      }
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException e) {
      throw new KeyManagerException(
          Problem.UNAVAILABLE, file + " cannot be read: " + e.getMessage(), e);
    }
  }

  @Override
  public List<KeyId> list() throws KeyManagerException {
    if (!Files.exists(path)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(path)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(SUFFIX))
          .map(name -> name.substring(0, name.length() - SUFFIX.length()))
          .sorted()
          .map(KeyId::new)
          .toList();
    } catch (IOException | IllegalArgumentException e) {
      throw new KeyManagerException(
          Problem.UNAVAILABLE, path + " cannot be listed: " + e.getMessage(), e);
    }
  }

  @Override
  public String place(KeyId id) {
    return file(id).toString();
  }

  private Path file(KeyId id) {
    return path.resolve(id + SUFFIX);
  }

  private void prepare() throws IOException {
    if (!Files.exists(path)) {
      Files.createDirectory(path, PosixFilePermissions.asFileAttribute(FOLDER_OWNER_ONLY));
      Path parent = path.toAbsolutePath().getParent();
      if (parent != null) {
        sync(parent);
      }
    }
    narrow(path, FOLDER_OWNER_ONLY);
  }

  private static void narrow(Path path, Set<PosixFilePermission> mode) throws IOException {
    if (!mode.containsAll(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS))) {
      Files.setPosixFilePermissions(path, mode);
    }
  }

  private static void sync(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
