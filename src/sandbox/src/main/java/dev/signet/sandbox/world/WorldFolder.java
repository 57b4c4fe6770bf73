package dev.signet.sandbox.world;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;

/**
 * Where everything of one world lies. Short, since the path of a Unix socket has 107 bytes at most
 * (unix(7)), and for its owner alone. To ask for a path makes nothing: the world may be gone.
 */
public record WorldFolder(Path root) {
  private static final SecureRandom RANDOM = new SecureRandom();

  /** Six digits or fewer. */
  private static final int NAMES = 2_000_000_000;

  /** Makes a folder under the system's temporary folder. */
  static WorldFolder create() {
    Path parent = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    var ownerAlone =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    while (true) {
      String name = "signet-" + Integer.toString(RANDOM.nextInt(NAMES), Character.MAX_RADIX);
      try {
        WorldFolder folder =
            new WorldFolder(Files.createDirectory(parent.resolve(name), ownerAlone));
        Files.createDirectory(folder.temporary());
        Files.createDirectory(folder.logs());
        Files.createDirectory(folder.ca());
        return folder;
      } catch (FileAlreadyExistsException e) {
        // Another world: the next name.
      } catch (IOException e) {
        throw new UncheckedIOException("no folder for the world in " + parent, e);
      }
    }
  }

  /** What processes use as their temporary folder. */
  Path temporary() {
    return root.resolve("tmp");
  }

  public Path logs() {
    return root.resolve("logs");
  }

  /** Where the output of a pod's program goes. */
  Path log(PodRef pod) {
    return logs().resolve(pod.name() + ".log");
  }

  /** Configuration, store and keys of the CA. */
  public Path ca() {
    return root.resolve("ca");
  }

  /** Kubelet's and the agent's folders of a node. */
  Path node(String name) {
    return root.resolve(name);
  }

  /** What a container sees as its own file system. */
  Path container(int number) {
    return root.resolve("c").resolve(Integer.toString(number));
  }
}
