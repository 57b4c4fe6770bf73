package dev.signet.agent.config;

import dev.signet.agent.upstream.AgentName;
import dev.signet.agent.volume.VolumeLayout;
import dev.signet.process.config.ConfigDocument;
import dev.signet.process.config.ConfigException;
import dev.signet.process.config.ConfigSection;
import dev.signet.process.config.ListenAddress;
import dev.signet.process.config.Setting;
import dev.signet.spiffe.InvalidSpiffeIdException;
import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.TrustDomain;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;

/**
 * The agent's settings.
 *
 * @param name trust domain, cluster and node: {@code trust_domain}, {@code cluster}, {@code
 *     node_name}
 * @param ca {@code ca.address}
 * @param caBundleFile {@code ca.trust_bundle_file}: PEM, read at each dial
 * @param tokenFile {@code token_file}: the agent's own token, read at each use
 * @param kubeletDir {@code kubelet_dir}: kubelet's root folder, as kubelet spells it
 * @param runDir {@code run_dir}: the agent's folder for sockets, on a tmpfs
 * @param runMount the tmpfs there
 * @param probes {@code probes}: where health and metrics are served
 * @param review {@code review}: the API server that this agent asks about pods' tokens; empty where
 *     the CA asks
 * @param sandbox {@code sandbox}: volumes are published as links, and nothing is mounted
 */
public record AgentConfig(
    AgentName name,
    CaAddress ca,
    Path caBundleFile,
    Path tokenFile,
    Path kubeletDir,
    Path runDir,
    RunMount runMount,
    InetSocketAddress probes,
    Optional<KubernetesApi> review,
    boolean sandbox) {

  /** Where kubelet is on most nodes. */
  public static final Path DEFAULT_KUBELET_DIR = Path.of("/var/lib/kubelet");

  public static final Path DEFAULT_RUN_DIR = Path.of("/run/signet");
  public static final String DEFAULT_PROBES = "127.0.0.1:9444";

  /**
   * Names the node where the file does not: Kubernetes gives a pod its node's name as a variable
   * alone, and one ConfigMap serves all nodes.
   */
  static final String NODE_NAME_VARIABLE = "NODE_NAME";

  public AgentConfig {
    var problems = new ArrayList<String>();
    int length = runDir.toString().getBytes(StandardCharsets.UTF_8).length;
    if (length > VolumeLayout.MAX_RUN_DIR_BYTES) {
      problems.add(
          "run_dir has "
              + length
              + " bytes and may have "
              + VolumeLayout.MAX_RUN_DIR_BYTES
              + ", since the path of a Unix socket is short; choose a shorter one");
    }
    if (sandbox && runMount.selinuxLabel().isPresent()) {
      problems.add(
          "selinux_label is set with sandbox: true, where nothing is mounted; remove one of them");
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", problems));
    }
  }

  /** Declares every setting, then builds the record: all problems come at once. */
  public static AgentConfig from(ConfigDocument document) throws ConfigException {
    return from(document, System.getenv());
  }

  static AgentConfig from(ConfigDocument document, Map<String, String> environment)
      throws ConfigException {
    ConfigSection root = document.root();
    ConfigSection caSection = root.section("ca");
    Setting<TrustDomain> trustDomain = root.value("trust_domain", TrustDomain::parse);
    Setting<String> cluster = root.value("cluster", AgentConfig::segment);
    String variable = environment.getOrDefault(NODE_NAME_VARIABLE, "");
    Setting<String> node =
        variable.isEmpty()
            ? root.value("node_name", AgentConfig::segment)
            : root.value("node_name", AgentConfig::segment, variable);
    Setting<CaAddress> ca = caSection.value("address", CaAddress::parse);
    Setting<Path> bundle = caSection.path("trust_bundle_file");
    Setting<Path> token = root.path("token_file");
    Setting<Path> kubelet = root.path("kubelet_dir", DEFAULT_KUBELET_DIR);
    Setting<Path> run = root.path("run_dir", DEFAULT_RUN_DIR);
    Setting<Long> runSize =
        root.value("run_size", RunMount::size, RunMount.size(RunMount.DEFAULT_SIZE));
    Setting<Optional<String>> label =
        root.value("selinux_label", RunMount::label, Optional.empty());
    Setting<InetSocketAddress> probes =
        root.value("probes", ListenAddress::parse, ListenAddress.parse(DEFAULT_PROBES));
    Setting<Boolean> reviews = root.value("review", AgentConfig::reviews, false);
    ConfigSection api = root.section("kubernetes");
    var given =
        new GivenApi(
            api.value("api", text -> Optional.of(KubernetesApi.server(text)), Optional.empty()),
            api.optionalPath("ca_file"),
            api.optionalPath("token_file"));
    Setting<Boolean> sandbox = root.flag("sandbox", false);
    return document.build(() ->
        new AgentConfig(
            new AgentName(trustDomain.get(), cluster.get(), nodeName(node.get())),
            ca.get(),
            bundle.get(),
            token.get(),
            kubelet.get(),
            run.get(),
            new RunMount(runSize.get(), label.get()),
            probes.get(),
            given.review(reviews.get(), token.get()),
            sandbox.get()));
  }

  /** The section {@code kubernetes}, as far as it is there. */
  private record GivenApi(
      Setting<Optional<URI>> server,
      Setting<Optional<Path>> caFile,
      Setting<Optional<Path>> tokenFile) {
    Optional<KubernetesApi> review(boolean reviews, Path ownToken) {
      if (!reviews) {
        if (server.get().isPresent() || caFile.get().isPresent() || tokenFile.get().isPresent()) {
          throw new IllegalArgumentException(
              "kubernetes is set, and review is ca: this agent asks no API server; leave it out, or"
                  + " set review: agent");
        }
        return Optional.empty();
      }
      var api =
          new KubernetesApi(
              server.get(),
              caFile.get().orElse(KubernetesApi.DEFAULT_CA_FILE),
              tokenFile.get().orElse(KubernetesApi.DEFAULT_TOKEN_FILE));
      if (api.tokenFile().equals(ownToken)) {
        throw new IllegalArgumentException(
            "kubernetes.token_file and token_file are one file: the CA's token and the API server's"
                + " have different audiences; project one of each");
      }
      return Optional.of(api);
    }
  }

  private static boolean reviews(String word) {
    return switch (word) {
      case "ca" -> false;
      case "agent" -> true;
      default ->
          throw new IllegalArgumentException(
              "must be ca (the CA reviews tokens) or agent (this agent does, for a CA that cannot"
                  + " reach the cluster's API)");
    };
  }

  /** The file's is checked; the variable's is not yet. */
  private static String nodeName(String name) {
    try {
      return segment(name);
    } catch (InvalidSpiffeIdException e) {
      throw new IllegalArgumentException(
          "node_name, from the variable " + NODE_NAME_VARIABLE + ": " + e.getMessage(), e);
    }
  }

  /** A name that becomes one segment of the agent's ID. */
  private static String segment(String text) {
    SpiffeId.of(TrustDomain.parse("any"), text);
    return text;
  }
}
