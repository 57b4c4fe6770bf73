package dev.signet.agent.adapter.filesystem;

import dev.signet.agent.volume.VolumeFolders;
import dev.signet.agent.volume.VolumeLayout;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent's folders below its run folder. All but the last are for the agent's user alone: a pod
 * reaches its own volume through its mount and nobody else's by any path (THREATS.md T26). The last
 * is open to read, for whatever user the pod's program has.
 */
public final class RunFolders implements VolumeFolders {
  private static final String OWNER_ONLY = "rwx------";
  private static final String FOR_THE_POD = "rwxr-xr-x";
  private static final Logger log = LoggerFactory.getLogger(RunFolders.class);

  private final Path runDir;

  public RunFolders(Path runDir) {
    this.runDir = runDir;
  }

  /** Makes the run folder itself, or closes one that is there to others. */
  public void prepare() throws IOException {
    Files.createDirectories(runDir);
    folder(runDir, OWNER_ONLY);
    folder(runDir.resolve("pods"), OWNER_ONLY);
  }

  @Override
  public void create(Path folder) throws IOException {
    folder(podFolder(folder), OWNER_ONLY);
    folder(folder, FOR_THE_POD);
  }

  @Override
  public void remove(Path folder) throws IOException {
    Files.deleteIfExists(folder.resolve(VolumeLayout.SOCKET_NAME));
    removeEmpty(folder);
    removeEmpty(podFolder(folder));
  }

  private static Path podFolder(Path folder) {
    return Objects.requireNonNull(folder.getParent(), "a volume's folder is in its pod's");
  }

  /** A folder with these rights, whatever the umask; made where it is missing. */
  static void folder(Path path, String permissions) throws IOException {
    try {
      Files.createDirectory(path);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        throw e;
      }
    }
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }

  private void removeEmpty(Path folder) throws IOException {
    try {
      Files.delete(folder);
    } catch (NoSuchFileException gone) {
      log.trace("{} is gone", folder);
    } catch (DirectoryNotEmptyException inUse) {
      log.debug("{} is not empty and stays", folder);
    }
  }
}
