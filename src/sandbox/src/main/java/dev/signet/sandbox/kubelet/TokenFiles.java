package dev.signet.sandbox.kubelet;

import dev.signet.sandbox.kubelet.BoundPod.TokenFile;
import dev.signet.sandbox.kubelet.BoundPod.TokenVolume;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;

/**
 * Projected token volumes: files that are links through {@code ..data}, which is replaced in one
 * rename, so that a reader never sees half a token (kubelet's {@code
 * volume/util/atomic_writer.go}). One pod's calls come one after another.
 */
final class TokenFiles {
  private static final String DATA = "..data";
  private static final String NEXT = "..data_tmp";

  private final KubeletConfig config;
  private final PodTokens tokens;

  TokenFiles(KubeletConfig config, PodTokens tokens) {
    this.config = config;
    this.tokens = tokens;
  }

  /**
   * Writes the tokens that are due.
   *
   * @return the folder of the files
   */
  Path write(BoundPod pod, TokenVolume volume) throws MountException {
    Map<Path, String> files = new TreeMap<>();
    for (TokenFile file : volume.files()) {
      Path path = Path.of(file.path()).normalize();
      if (path.isAbsolute() || path.startsWith("..") || path.toString().isEmpty()) {
        throw new MountException(
            "The token path " + file.path() + " of " + pod + " leads out of its volume");
      }
      files.put(path, tokens.token(pod, file.audience(), file.expirationSeconds()).token());
    }
    Path folder = config.projectedDir(pod.uid(), volume.name());
    try {
      if (!holds(folder, files)) {
        replace(folder, files);
      }
    } catch (IOException e) {
      throw new MountException("The tokens of " + pod + " could not be written to " + folder, e);
    }
    return folder;
  }

  private static boolean holds(Path folder, Map<Path, String> files) throws IOException {
    for (Map.Entry<Path, String> file : files.entrySet()) {
      Path path = folder.resolve(file.getKey());
      if (!Files.exists(path) || !Files.readString(path).equals(file.getValue())) {
        return false;
      }
    }
    return true;
  }

  private static void replace(Path folder, Map<Path, String> files) throws IOException {
    Files.createDirectories(folder);
    Path data = folder.resolve(DATA);
    Path before =
        Files.exists(data, LinkOption.NOFOLLOW_LINKS) ? Files.readSymbolicLink(data) : null;
    Path fresh = Files.createTempDirectory(folder, "..");
    for (Map.Entry<Path, String> file : files.entrySet()) {
      Path path = fresh.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.createFile(
          path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.write(path, file.getValue().getBytes(StandardCharsets.UTF_8));
    }
    Path next = folder.resolve(NEXT);
    Files.deleteIfExists(next);
    Files.createSymbolicLink(next, fresh.getFileName());
    Files.move(next, data, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    for (Path path : files.keySet()) {
      Path first = path.getName(0);
      Path link = folder.resolve(first);
      if (!Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
        Files.createSymbolicLink(link, Path.of(DATA).resolve(first));
      }
    }
    if (before != null) {
      Trees.delete(folder.resolve(before));
    }
  }
}
