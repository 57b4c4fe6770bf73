package dev.signet.clustertest.lab;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The lab this suite runs in, through its own command. A suite is started by {@code lab exec}, in
 * the network namespace of the lab's control plane. Thread-safe.
 */
public final class Lab {
  /** The two nodes. */
  public static final List<String> NODES = List.of("node-a", "node-b");

  public static final String NODE_A = NODES.get(0);
  public static final String NODE_B = NODES.get(1);
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private Lab() {}

  /** Folder of the project. */
  public static Path root() {
    Path at = Path.of("").toAbsolutePath();
    while (!Files.exists(at.resolve("src/cluster-test/lab"))) {
      at =
          Optional.ofNullable(at.getParent())
              .orElseThrow(
                  () -> new AssertionError("start the suite in the project's folder, or below it"));
    }
    return at;
  }

  /** Runs {@code lab <arguments>}. */
  public static Output lab(String... arguments) {
    return lab(List.of(arguments));
  }

  private static Output lab(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(root().resolve("src/cluster-test/lab").toString());
    command.addAll(arguments);
    return Programs.run(LIMIT, "", command);
  }

  /** Runs a command as root in a node's namespaces. */
  public static Output node(String node, String... command) {
    List<String> arguments = new ArrayList<>(List.of("node", node));
    arguments.addAll(List.of(command));
    return lab(arguments);
  }

  public static Output helm(List<String> arguments) {
    return run("helm", "", arguments);
  }

  /** An administrator's credentials for the lab's API server. */
  public static Path kubeconfig() {
    return Optional.ofNullable(System.getenv("KUBECONFIG"))
        .map(Path::of)
        .filter(Files::isReadable)
        .orElseThrow(() ->
            new AssertionError(
                "KUBECONFIG names no readable file: start the suites by src/cluster-test/run, or"
                    + " below src/cluster-test/lab exec"));
  }

  /** The credentials of a node's kubelet: all that a stolen node has of Kubernetes. */
  public static Path kubeletCredentials(String node) {
    return kubeconfig().resolveSibling("kubelet-" + node + ".kubeconfig");
  }

  /** Kubelet's root folder of a node, as it is to be found on this machine. */
  public static Path kubeletFolder(String node) {
    return folder().resolve(node + "/disk/lib/kubelet");
  }

  /** The lab's own folder. */
  public static Path folder() {
    return Optional.ofNullable(System.getenv("SIGNET_LAB_DIR"))
        .map(Path::of)
        .orElseThrow(
            () -> new AssertionError("SIGNET_LAB_DIR is not set: start the suites below lab exec"));
  }

  /** Runs a program of the lab, with what it is to read, as the lab's administrator. */
  static Output run(String program, String input, List<String> arguments) {
    kubeconfig();
    List<String> command = new ArrayList<>();
    command.add(program);
    command.addAll(arguments);
    return Programs.run(LIMIT, input, command);
  }
}
