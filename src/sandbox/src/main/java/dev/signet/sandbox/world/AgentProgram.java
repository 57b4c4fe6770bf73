package dev.signet.sandbox.world;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the image of the node agent runs on one node: the real agent, with a configuration as the
 * chart writes it.
 */
final class AgentProgram {
  private final String node;
  private final NodeSetUp setUp;
  private final int probePort;

  AgentProgram(String node, NodeSetUp setUp) {
    this.node = node;
    this.setUp = setUp;
    this.probePort = setUp.ports().free();
  }

  /** Kubelet's root folder on this node. */
  Path kubeletFolder() {
    return setUp.folder().node(node).resolve("kubelet");
  }

  /** Of its plain HTTP server: {@code livez}, {@code readyz}, {@code metrics}. */
  URI probe(String name) {
    return URI.create("http://127.0.0.1:" + probePort + "/" + name);
  }

  /** The agent's own folder on this node. */
  Path runFolder() {
    return setUp.folder().node(node).resolve("run");
  }

  Path configFile() {
    return setUp.folder().node(node).resolve("agent.yaml");
  }

  /** Keys for an agent that asks the API itself, with the files that Kubernetes gives a pod. */
  private String review(Path token) throws IOException {
    Path authority = setUp.folder().node(node).resolve("kubernetes-ca.crt");
    Files.writeString(authority, setUp.api().admin().caPem());
    return String.format(
        Locale.ROOT,
        """
        review: agent
        kubernetes: {api: "%s", ca_file: %s, token_file: %s}
        """,
        setUp.api().address(),
        authority,
        token.resolveSibling(PodManifests.API_TOKEN_FILE));
  }

  /**
   * The command, after its configuration has been written.
   *
   * @param token the agent's own, as kubelet projects it
   */
  List<String> command(Path token) throws IOException {
    Path run = Files.createDirectories(runFolder());
    Files.writeString(
        configFile(),
        String.format(
            Locale.ROOT,
            """
            trust_domain: %s
            cluster: %s
            node_name: %s
            ca:
              address: "%s"
              trust_bundle_file: %s
            token_file: %s
            kubelet_dir: %s
            run_dir: %s
            probes: 127.0.0.1:%d
            sandbox: true
            %s
            """,
            setUp.config().trustDomain(),
            setUp.config().cluster(),
            node,
            setUp.cas().address(),
            setUp.cas().bundle(),
            token,
            kubeletFolder(),
            run,
            probePort,
            setUp.config().agentReview() ? review(token) : ""));
    List<String> command =
        new ArrayList<>(setUp.processes().installation().agent(setUp.folder().temporary()));
    command.addAll(1, setUp.config().processFlags());
    command.addAll(1, setUp.cas().hostsFlag());
    command.addAll(List.of("serve", "--config", configFile().toString()));
    return command;
  }
}
