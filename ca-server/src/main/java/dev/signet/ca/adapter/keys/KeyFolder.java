package dev.signet.ca.adapter.keys;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Files that are there whole or not at all, after any crash: written beside their place, synced,
 * renamed, and the folder synced.
 */
record KeyFolder(Path path) {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> FOLDER_OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  void write(Path file, byte[] content, Runnable beforeRename) throws IOException {
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

  void delete(Path file) throws IOException {
    if (Files.deleteIfExists(file)) {
      sync(path);
    }
  }

  /** A volume may have been mounted with wider modes than the files were made with. */
  byte[] read(Path file, int limit) throws IOException {
    narrow(path, FOLDER_OWNER_ONLY);
    narrow(file, OWNER_ONLY);
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      return in.readNBytes(limit);
    }
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
