package dev.signet.cli.preflight;

import dev.signet.cli.cluster.AccessFacts;
import dev.signet.cli.cluster.AccessFacts.Binding;
import dev.signet.cli.cluster.AccessFacts.RoleKey;
import dev.signet.cli.cluster.AccessFacts.Rule;
import dev.signet.cli.cluster.AccessFacts.Subject;
import dev.signet.cli.cluster.AgentSet;
import dev.signet.cli.cluster.ClockReading;
import dev.signet.cli.cluster.ClusterFacts;
import dev.signet.cli.cluster.ClusterReader;
import dev.signet.cli.cluster.CsiDriverFact;
import dev.signet.cli.cluster.CsiDriverFact.TokenRequest;
import dev.signet.cli.cluster.InstallationFacts;
import dev.signet.cli.cluster.InstalledSettings;
import dev.signet.cli.cluster.KubernetesVersion;
import dev.signet.cli.cluster.NamespaceFact;
import dev.signet.cli.cluster.NodeFact;
import dev.signet.cli.cluster.NodeFact.NodeSystem;
import dev.signet.cli.cluster.Observed;
import dev.signet.cli.cluster.PodFacts;
import dev.signet.cli.cluster.PodFacts.KubeletFolder;
import dev.signet.cli.cluster.PodRef;
import dev.signet.cli.cluster.RunningPod;
import dev.signet.cli.cluster.ServerFacts;
import dev.signet.cli.cluster.ServerMetrics;
import dev.signet.cli.cluster.SignetPod;
import dev.signet.cli.cluster.TokenTrial;
import dev.signet.cli.cluster.TokenTrial.Review;
import dev.signet.cli.cluster.UnreachableException;
import dev.signet.cli.cluster.VolumeUser;
import dev.signet.cli.preflight.Expectations.ReviewBy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A cluster in which all is well, with Signet installed on two nodes; a test changes what it is
 * about. It is its own reader, with no cluster behind it.
 */
final class TestCluster implements ClusterReader {
  static final Instant NOW = Instant.parse("2026-05-01T10:00:00Z");
  static final String TRUST_DOMAIN = "shop.example";
  static final String ENFORCE = "pod-security.kubernetes.io/enforce";
  static final String ROOT =
      """
      -----BEGIN CERTIFICATE-----
      MIIBljCCATygAwIBAgIUIfHyvhFvpw6u3/sQXrqVamN/9HswCgYIKoZIzj0EAwIw
      FzEVMBMGA1UECgwMU2lnbmV0IHRlc3RzMCAXDTI2MTEyNTA3MDUxOVoYDzIxMjYx
      MTAxMDcwNTE5WjAXMRUwEwYDVQQKDAxTaWduZXQgdGVzdHMwWTATBgcqhkjOPQIB
      BggqhkjOPQMBBwNCAAQxptC4CkpDWssOMgcuPSOTgXXm31s5/7l/79inXZwV9hBs
      14SJdcEG0IbbasQgQyZcNC5ydWZyjzgeJeejoh6Vo2QwYjAPBgNVHRMBAf8EBTAD
      AQH/MA4GA1UdDwEB/wQEAwIBBjAdBgNVHQ4EFgQUhKoL8nsHDje0oQsB3omk8esF
      AbUwIAYDVR0RBBkwF4YVc3BpZmZlOi8vc2hvcC5leGFtcGxlMAoGCCqGSM49BAMC
      A0gAMEUCIFJ5f3FDDeaZVbI7bMSQcdL24j1EfT2DXiUpUqkhfXmNAiEAr/xVz4+X
      5d1dOzaMu7Zl3dMcMxuHzlyjrTmKOT4XpqA=
      -----END CERTIFICATE-----
      """;
  private static final String EXTRA = "authentication.kubernetes.io/";

  Observed<KubernetesVersion> version = Observed.seen(version("v1.36.3"));
  Observed<ClockReading> clock = Observed.seen(new ClockReading(NOW, NOW, NOW));
  Map<String, Set<String>> groups = Map.of("flowcontrol.apiserver.k8s.io", Set.of("v1"));
  Set<String> admission = Set.of("v1/validatingadmissionpolicies", "v1/mutatingadmissionpolicies");
  Observed<ServerMetrics> metrics =
      Observed.seen(
          new ServerMetrics(
              Map.of("ServiceAccountNodeAudienceRestriction", true),
              Set.of("NodeRestriction", "ServiceAccount")));
  List<NodeFact> nodes = new ArrayList<>(List.of(node("node-a"), node("node-b")));
  List<VolumeUser> users = new ArrayList<>();
  List<KubeletFolder> folders = new ArrayList<>();
  List<RunningPod> running =
      new ArrayList<>(
          List.of(
              new RunningPod(new PodRef("kube-system", "dns"), "dns-uid", "coredns", "node-b"),
              new RunningPod(
                  new PodRef("signet-system", "signet-ca-0"), "ca-uid", "signet-ca", "node-a")));
  Optional<NamespaceFact> namespace = namespace(Map.of(ENFORCE, "privileged"));
  Map<RoleKey, List<Rule>> roles = new HashMap<>();
  List<Binding> bindings = new ArrayList<>();
  OptionalInt dns = OptionalInt.of(2);
  Observed<Optional<CsiDriverFact>> driver = Observed.seen(Optional.of(driver(TRUST_DOMAIN)));
  Observed<Optional<AgentSet>> agents =
      Observed.seen(
          Optional.of(new AgentSet(2, List.of("signet://shop.example/agent"), false, "0")));
  List<SignetPod> signetPods =
      new ArrayList<>(
          List.of(
              new SignetPod("signet-ca", "signet-ca-0", "node-a", true, "0.1.0", ""),
              new SignetPod("signet-agent", "signet-agent-1", "node-a", true, "0.1.0", ""),
              new SignetPod("signet-agent", "signet-agent-2", "node-b", true, "0.1.0", "")));
  Observed<Set<String>> accounts = Observed.seen(Set.of("default", "signet-ca", "signet-agent"));
  Observed<Optional<InstalledSettings>> settings =
      Observed.seen(Optional.of(settings(Optional.empty(), Optional.empty(), Optional.empty())));
  Optional<String> bundle = Optional.of(ROOT);
  OptionalInt caEndpoints = OptionalInt.of(1);
  Optional<String> expectedTrustDomain = Optional.of(TRUST_DOMAIN);
  Optional<String> kubeletDir = Optional.empty();
  Optional<ReviewBy> review = Optional.empty();
  Observed<Review> own =
      Observed.seen(
          new Review(
              true,
              List.of("signet://shop.example/preflight"),
              "system:serviceaccount:signet-system:signet-ca",
              extra("node-a-uid", "JTI=1"),
              ""));
  Review foreign = new Review(false, List.of(), "", Map.of(), "invalid audience");

  TestCluster() {
    grant("signet-ca", "signet-ca", rule("create", "authentication.k8s.io", "tokenreviews"));
    grant("signet-ca-pods", "signet-ca", podRule("get", "list", "watch"));
    RoleKey local = new RoleKey("signet-system", "signet-ca");
    roles.put(
        local,
        List.of(
            new Rule(
                List.of("get", "update"),
                List.of(""),
                List.of("configmaps"),
                List.of("signet-trust-bundle"),
                List.of()),
            rule("create", "", "configmaps")));
    bindings.add(
        new Binding("signet-system", "signet-ca", local, List.of(account("signet-ca")), false));
    RoleKey discovery = new RoleKey("", "system:discovery");
    roles.put(
        discovery,
        List.of(new Rule(List.of("get"), List.of(), List.of(), List.of(), List.of("/api/*"))));
    bindings.add(
        new Binding(
            "",
            "system:discovery",
            discovery,
            List.of(new Subject("Group", "", "system:authenticated")),
            true));
  }

  /** The same cluster before the chart: another CSI driver tells kubelet's folder. */
  static TestCluster bare() {
    TestCluster cluster = new TestCluster();
    cluster.driver = Observed.seen(Optional.empty());
    cluster.agents = Observed.seen(Optional.empty());
    cluster.signetPods.clear();
    cluster.accounts = Observed.seen(Set.of());
    cluster.settings = Observed.seen(Optional.empty());
    cluster.bundle = Optional.empty();
    cluster.caEndpoints = OptionalInt.empty();
    cluster.namespace = Optional.empty();
    cluster.bindings.removeIf(binding -> !binding.builtIn());
    cluster.nodes.replaceAll(node -> with(node, node.system(), Set.of("other.csi")));
    cluster.folders.add(folder("node-a", "/var/lib/kubelet"));
    cluster.folders.add(folder("node-b", "/var/lib/kubelet"));
    return cluster;
  }

  static <T> Observed<T> hidden() {
    return Observed.hidden("this user may not look", "run it as one who may");
  }

  static KubernetesVersion version(String text) {
    return KubernetesVersion.parse(text).orElseThrow();
  }

  static NodeFact node(String name) {
    return new NodeFact(
        name,
        name + "-uid",
        new NodeSystem(Optional.of(version("v1.36.3")), "6.1.0-9-amd64", "linux", "amd64", ""),
        true,
        true,
        List.of(),
        Observed.seen(Set.of("csi.signet.dev")),
        Observed.seen(Optional.of(Duration.ofSeconds(4))));
  }

  static NodeFact with(NodeFact node, NodeSystem system, Set<String> drivers) {
    return new NodeFact(
        node.name(),
        node.uid(),
        system,
        node.ready(),
        node.schedulable(),
        node.taints(),
        Observed.seen(drivers),
        node.heartbeatAge());
  }

  static NodeFact beating(String name, Observed<Optional<Duration>> age) {
    NodeFact node = node(name);
    return new NodeFact(
        name, node.uid(), node.system(), true, true, List.of(), node.drivers(), age);
  }

  static NodeFact tainted(String name, String taint) {
    NodeFact node = node(name);
    return new NodeFact(
        name,
        node.uid(),
        node.system(),
        true,
        true,
        List.of(taint),
        Observed.seen(Set.of()),
        node.heartbeatAge());
  }

  static KubeletFolder folder(String node, String path) {
    return new KubeletFolder(new PodRef("storage", "driver-" + node), node, path);
  }

  static CsiDriverFact driver(String trustDomain) {
    return new CsiDriverFact(
        false,
        true,
        true,
        true,
        "None",
        List.of("Ephemeral"),
        List.of(new TokenRequest("signet://" + trustDomain + "/workload", OptionalLong.of(3600))));
  }

  static InstalledSettings settings(
      Optional<String> review, Optional<Duration> ttl, Optional<Duration> backdate) {
    return new InstalledSettings(
        Optional.of(TRUST_DOMAIN),
        Optional.of(TRUST_DOMAIN),
        Optional.of("/var/lib/kubelet"),
        review,
        ttl,
        backdate,
        Set.of("legacy"));
  }

  static Optional<NamespaceFact> namespace(Map<String, String> labels) {
    return Optional.of(new NamespaceFact("signet-system", labels));
  }

  static VolumeUser user(String namespace, String name, String account, boolean subPath) {
    return new VolumeUser(
        new PodRef(namespace, name),
        account,
        "node-a",
        "Running",
        false,
        "Deployment/web",
        subPath);
  }

  static Rule rule(String verb, String group, String resource) {
    return new Rule(List.of(verb), List.of(group), List.of(resource), List.of(), List.of());
  }

  static Rule podRule(String... verbs) {
    return new Rule(List.of(verbs), List.of(""), List.of("pods"), List.of(), List.of());
  }

  static Subject account(String name) {
    return new Subject("ServiceAccount", "signet-system", name);
  }

  void grant(String name, String account, Rule rule) {
    grant(name, List.of(account(account)), rule);
  }

  void grant(String name, List<Subject> subjects, Rule rule) {
    roles.put(new RoleKey("", name), List.of(rule));
    bindings.add(new Binding("", name, new RoleKey("", name), subjects, false));
  }

  static Map<String, List<String>> extra(String nodeUid, String credential) {
    Map<String, List<String>> extra = new HashMap<>();
    extra.put(EXTRA + "pod-name", List.of("signet-ca-0"));
    extra.put(EXTRA + "pod-uid", List.of("ca-uid"));
    extra.put(EXTRA + "node-name", List.of("node-a"));
    extra.put(EXTRA + "node-uid", List.of(nodeUid));
    if (!credential.isEmpty()) {
      extra.put(EXTRA + "credential-id", List.of(credential));
    }
    return extra;
  }

  @Override
  public ClusterFacts facts(String inNamespace) {
    return new ClusterFacts(
        new ServerFacts(
            "https://api.example",
            version,
            clock,
            Observed.seen(groups),
            Observed.seen(admission),
            metrics,
            Observed.seen("https://issuer.example")),
        Observed.seen(nodes),
        Observed.seen(new PodFacts(users, running, folders)),
        Observed.seen(namespace),
        Observed.seen(new AccessFacts(roles, bindings)),
        Observed.seen(dns),
        new InstallationFacts(
            driver,
            agents,
            Observed.seen(signetPods),
            accounts,
            settings,
            Observed.seen(bundle),
            Observed.seen(caEndpoints)));
  }

  @Override
  public Observed<TokenTrial> tryToken(RunningPod pod, String audience, String foreignAudience) {
    return own.map(answer -> new TokenTrial(pod, audience, foreignAudience, answer, foreign));
  }

  Report report() {
    return report(
        this, new Expectations("signet-system", expectedTrustDomain, kubeletDir, review, "0.1.0"));
  }

  static Report report(ClusterReader cluster, Expectations expected) {
    try {
      return new Preflight(cluster).run(expected);
    } catch (UnreachableException e) {
      throw new AssertionError(e);
    }
  }

  /** The findings of one check. */
  List<Finding> of(Check check) {
    return report().findings().stream().filter(finding -> finding.check() == check).toList();
  }

  /** The only finding of a check. */
  Finding one(Check check) {
    List<Finding> findings = of(check);
    if (findings.size() != 1) {
      throw new AssertionError(check + " has not one finding: " + findings);
    }
    return findings.getFirst();
  }

  Status status(Check check) {
    return one(check).status();
  }
}
