package dev.signet.clustertest;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The lab that the suites run in: what {@code src/cluster-test/lab exec} has put into their
 * environment.
 */
public final class Lab {
  private static final String HOW =
      "; start the lab (src/cluster-test/lab up) and run the suite in it:"
          + " src/cluster-test/lab exec ./build -o verify -Pcluster -pl src/cluster-test -am";

  private Lab() {}

  /** An administrator's credentials for the lab's API server. */
  public static Path kubeconfig() {
    String file = System.getenv("KUBECONFIG");
    if (file == null || !Files.isReadable(Path.of(file))) {
      throw new IllegalStateException("KUBECONFIG names no readable file" + HOW);
    }
    return Path.of(file);
  }

  /** A program of the lab: {@code kubectl} or {@code helm}. */
  public static Path program(String name) {
    return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(name + " is not on the PATH" + HOW));
  }

  /** The project's folder. */
  public static Path project() {
    return Path.of("../..").toAbsolutePath().normalize();
  }
}
