package dev.signet.agent.adapter.filesystem;

import dev.signet.agent.bundle.HeldBundle;
import dev.signet.agent.cache.CacheFiles;
import dev.signet.agent.cache.VolumeRecord;
import dev.signet.agent.pod.PodUid;
import dev.signet.agent.volume.VolumeLayout;
import dev.signet.agent.volume.VolumeTarget;
import dev.signet.spiffe.SpiffeId;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records as files of the agent's own tmpfs: folder {@code state} below the run folder, 0700, one
 * file of 0600 a volume, {@code <pod UID>.<volume>}, and one for the bundle. A file is written
 * aside and renamed, so that it is whole or not there; nothing is synced, since nothing is to
 * outlive the node's boot.
 *
 * <p>What is there and is not to the letter what an agent writes is moved to {@code state.refused},
 * for who wants to look at it; the next start empties that. Reading follows no link, and takes what
 * this user owns alone with nobody else's rights on it.
 */
public final class StateFiles implements CacheFiles {
  private static final String BUNDLE = "bundle";

  /** Ends the name of a file being written; in no name of a volume. */
  private static final String HALF = "~";

  private static final Pattern VOLUME = Pattern.compile(PodUid.PATTERN + "\\.[-a-z0-9]{1,63}");
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  /** A chain of eight and a key fit many times; a thousand pods fit in the agent's tmpfs. */
  static final int MAX_VOLUME_BYTES = 64 * 1024;

  /** A bundle has 1 MiB at most, and PEM takes a third more. */
  static final int MAX_BUNDLE_BYTES = 2 * 1024 * 1024;

  /** Many times what a node has of pods. */
  static final int MAX_VOLUMES = 8 * 1024;

  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
  private static final Logger log = LoggerFactory.getLogger(StateFiles.class);

  private final Path state;
  private final Path refused;
  private final int uid;
  private final StateRecords records;

  /**
   * The state below a run folder.
   *
   * @param agent the ID of this node's agent
   * @param boot names the time since the node's kernel started
   * @param uid of this process
   */
  StateFiles(Path runDir, VolumeLayout layout, SpiffeId agent, String boot, int uid) {
    this.state = runDir.resolve("state");
    this.refused = runDir.resolve("state.refused");
    this.uid = uid;
    this.records = new StateRecords(agent, boot, layout);
  }

  /** The state of this process below a run folder that is the agent's alone. */
  public static StateFiles of(Path runDir, VolumeLayout layout, SpiffeId agent, int uid)
      throws IOException {
    return new StateFiles(runDir, layout, agent, Files.readString(BOOT_ID).strip(), uid);
  }

  @Override
  public Contents load() throws IOException {
    try {
      delete(refused);
    } catch (IOException e) {
      log.warn("{} cannot be emptied: {}", refused, e.toString());
    }
    if (!prepareFolder()) {
      return new Contents(Optional.empty(), List.of(), 1);
    }
    var setAside = new AtomicInteger();
    var volumes = new ArrayList<Path>();
    Optional<HeldBundle> bundle = Optional.empty();
    for (Path file : files()) {
      String name = file.getFileName().toString();
      if (name.endsWith(HALF)) {
        log.warn("{} was being written when an earlier agent ended: removed", file);
        delete(file);
      } else if (name.equals(BUNDLE)) {
        bundle = read(file, MAX_BUNDLE_BYTES, records::bundle, setAside);
      } else if (!VOLUME.matcher(name).matches()) {
        setAside(file, "it has no name of a record", setAside);
      } else if (volumes.size() == MAX_VOLUMES) {
        setAside(file, "there are more than " + MAX_VOLUMES + " records", setAside);
      } else {
        volumes.add(file);
      }
    }
    // Most of the time goes into trying each key against its certificate.
    List<VolumeRecord> read =
        volumes.parallelStream()
            .flatMap(file ->
                read(file, MAX_VOLUME_BYTES, bytes -> named(file, bytes), setAside).stream())
            .toList();
    return new Contents(bundle, read, setAside.get());
  }

  private boolean prepareFolder() throws IOException {
    Facts found = facts(state);
    boolean ours = found == null || (found.folder() && found.uid() == uid);
    if (!ours) {
      setAside(state, "it is no folder of this user", new AtomicInteger());
    }
    RunFolders.folder(state, "rwx------");
    return ours;
  }

  private List<Path> files() throws IOException {
    var files = new ArrayList<Path>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(state)) {
      entries.forEach(files::add);
    }
    return files;
  }

  private VolumeRecord named(Path file, byte[] bytes) {
    VolumeRecord volume = records.volume(bytes);
    if (!file.equals(file(volume.target()))) {
      throw new IllegalArgumentException("it is the record of another pod or volume");
    }
    return volume;
  }

  private <T> Optional<T> read(
      Path file, int maxBytes, Function<byte[], T> parser, AtomicInteger setAside) {
    try {
      String fault = fault(file);
      if (fault != null) {
        setAside(file, fault, setAside);
        return Optional.empty();
      }
      return Optional.of(parser.apply(bytes(file, maxBytes)));
    } catch (IllegalArgumentException e) {
      setAside(file, Objects.requireNonNullElse(e.getMessage(), "it is malformed"), setAside);
    } catch (RuntimeException e) {
      // Without its message: nobody foresaw it, so it might quote a key.
      setAside(file, "it cannot be understood: " + e.getClass().getName(), setAside);
    } catch (IOException e) {
      setAside(file, "it cannot be read: " + e, setAside);
    }
    return Optional.empty();
  }

  private @Nullable String fault(Path file) throws IOException {
    Facts found = facts(file);
    if (found == null) {
      return "it is gone";
    }
    if (!found.plainFile() || found.names() != 1) {
      return "it is no plain file, or has a second name";
    }
    if (found.uid() != uid) {
      return "it is owned by user " + found.uid();
    }
    return found.permissions().equals(OWNER_ONLY) ? null : "its mode is not 0600";
  }

  /** What a path is, without following a link at its end. */
  private record Facts(
      boolean folder,
      boolean plainFile,
      int uid,
      int names,
      Set<PosixFilePermission> permissions) {}

  private static @Nullable Facts facts(Path path) throws IOException {
    PosixFileAttributes posix;
    try {
      posix = Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return null;
    }
    return new Facts(
        posix.isDirectory(),
        posix.isRegularFile(),
        number(path, "unix:uid"),
        number(path, "unix:nlink"),
        Set.copyOf(posix.permissions()));
  }

  private static int number(Path path, String attribute) throws IOException {
    return (Integer) Files.getAttribute(path, attribute, LinkOption.NOFOLLOW_LINKS);
  }

  private static byte[] bytes(Path file, int maxBytes) throws IOException {
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      byte[] bytes = in.readNBytes(maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw new IllegalArgumentException("it is larger than " + maxBytes + " bytes");
      }
      return bytes;
    }
  }

  private void setAside(Path file, String why, AtomicInteger count) {
    count.incrementAndGet();
    log.warn("{} is not used and moved to {}: {}", file, refused, why);
    try {
      RunFolders.folder(refused, "rwx------");
      Files.move(file, refused.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      log.error("{} cannot be moved away and stays, unused: {}", file, e.toString());
    }
  }

  @Override
  public void save(VolumeRecord volume) throws IOException {
    write(file(volume.target()), records.encode(volume), MAX_VOLUME_BYTES);
  }

  @Override
  public void save(HeldBundle bundle) throws IOException {
    write(state.resolve(BUNDLE), records.encode(bundle), MAX_BUNDLE_BYTES);
  }

  private static void write(Path file, byte[] bytes, int maxBytes) throws IOException {
    if (bytes.length > maxBytes) {
      throw new IOException(file + " would be larger than " + maxBytes + " bytes");
    }
    Path half = file.resolveSibling(file.getFileName() + HALF);
    Files.deleteIfExists(half);
    try {
      Files.createFile(half, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
      try (OutputStream out = Files.newOutputStream(half, StandardOpenOption.WRITE)) {
        out.write(bytes);
      }
      Files.move(half, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      removeHalf(half, e);
      throw e;
    }
  }

  /** A full tmpfs must get its room back, and no key may lie about. */
  private static void removeHalf(Path half, IOException cause) {
    try {
      Files.deleteIfExists(half);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  @Override
  public void remove(VolumeTarget target) throws IOException {
    Path file = file(target);
    Files.deleteIfExists(file);
    Files.deleteIfExists(refused.resolve(file.getFileName()));
  }

  private Path file(VolumeTarget target) {
    return state.resolve(target.pod().value() + "." + target.volumeName());
  }

  /** Removes a tree; links are removed, never followed. */
  private static void delete(Path root) throws IOException {
    if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
