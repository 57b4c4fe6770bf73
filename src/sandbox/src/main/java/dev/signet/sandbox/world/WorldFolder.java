package dev.signet.sandbox.world;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Where everything of one world lies. Short, since the path of a Unix socket has 107 bytes at most
 * (unix(7)), and for its owner alone.
 */
public record WorldFolder(Path root) {
  /** Makes a folder under the system's temporary folder. */
  static WorldFolder create() {
    try {
      return new WorldFolder(
          Files.createTempDirectory(
              "signet",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))));
    } catch (IOException e) {
      throw new UncheckedIOException("no folder for the world", e);
    }
  }

  /** What processes use as their temporary folder. */
  Path temporary() {
    return made(root.resolve("tmp"));
  }

  public Path logs() {
    return made(root.resolve("logs"));
  }

  /** Where the output of a pod's program goes. */
  Path log(PodRef pod) {
    return logs().resolve(pod.name() + ".log");
  }

  /** Configuration, store and keys of the CA. */
  public Path ca() {
    return made(root.resolve("ca"));
  }

  /** Kubelet's and the agent's folders of a node. */
  Path node(String name) {
    return made(root.resolve(name));
  }

  /** What a container sees as its own file system. */
  Path container(int number) {
    return made(root.resolve("c").resolve(Integer.toString(number)));
  }

  private static Path made(Path folder) {
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
