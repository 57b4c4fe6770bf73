package dev.signet.clustertest.lab;

import com.google.gson.JsonObject;
import dev.signet.sandbox.world.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Signet in the lab's cluster, installed by its chart as an operator installs it. */
public final class Signet {
  public static final String NAMESPACE = "signet-system";
  public static final String TRUST_DOMAIN = "cluster.test";
  public static final String CA_POD = "signet-ca-0";
  private static final String RELEASE = "signet";

  /** Where the CA's volume is on its node: a lab has no provisioner. */
  private static final String CA_FOLDER = "/var/lib/signet-ca";

  private Signet() {}

  /** What the suites install with; a suite may say something else in addition. */
  public static Map<String, String> values() {
    Map<String, String> values = new TreeMap<>();
    values.put("trustDomain", TRUST_DOMAIN);
    values.put("image.pullPolicy", "Never");
    values.put("ca.persistence.hostPath", CA_FOLDER);
    values.put("ca.nodeSelector.kubernetes\\.io/hostname", Lab.NODE_A);
    return values;
  }

  /** {@code helm upgrade --install}, until everything is ready. */
  public static void install(Map<String, String> more) {
    namespace(NAMESPACE, "privileged");
    // What an operator prepares where there is no provisioner (docs/install.md).
    Lab.node(Lab.NODE_A, "install", "-d", "-m", "0700", "-o", "65532", "-g", "65532", CA_FOLDER)
        .orFail();
    upgrade(more).orFail();
  }

  /** {@code helm upgrade --install} with more values; what helm says is the caller's to judge. */
  public static Output upgrade(Map<String, String> more) {
    return upgrade(more, Map.of());
  }

  /** With values that are read from files, too. */
  public static Output upgrade(Map<String, String> more, Map<String, Path> files) {
    Map<String, String> values = values();
    values.putAll(more);
    return new Release(RELEASE, NAMESPACE).upgrade(values, files);
  }

  /** Installs Signet where it is not there, with the suites' values. */
  public static void ensure() {
    Output status = Lab.helm(List.of("status", RELEASE, "-n", NAMESPACE));
    if (status.code() != 0) {
      install(Map.of());
    }
  }

  /** {@code helm uninstall}; what helm says is the caller's to judge. */
  public static Output uninstall() {
    return new Release(RELEASE, NAMESPACE).uninstall();
  }

  /** The last revision that was deployed, and what Helm calls it now. */
  public static Output history() {
    return Lab.helm(List.of("history", RELEASE, "-n", NAMESPACE, "-o", "json"));
  }

  /** {@code helm rollback} to a revision, until everything is ready. */
  public static Output rollback(int revision) {
    return Lab.helm(
        List.of(
            "rollback",
            RELEASE,
            Integer.toString(revision),
            "-n",
            NAMESPACE,
            "--wait",
            "--timeout",
            "120s"));
  }

  /** A namespace with a Pod Security level that is enforced. */
  public static void namespace(String name, String level) {
    Kubectl.apply(
        """
        apiVersion: v1
        kind: Namespace
        metadata:
          name: %s
          labels: {pod-security.kubernetes.io/enforce: %s}
        """
            .formatted(name, level));
  }

  public static void account(String namespace, String name) {
    Kubectl.apply(
        """
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: %s, namespace: %s}
        """
            .formatted(name, namespace));
  }

  /** The name of an image, as tools/images gives it and the chart asks for it. */
  public static String image(String name) {
    try {
      return Files.readAllLines(Lab.root().resolve("deploy/helm/signet/Chart.yaml")).stream()
          .filter(line -> line.startsWith("appVersion:"))
          .map(line -> line.replaceAll("appVersion:|\"|\\s", ""))
          .map(version -> "signet.dev/" + name + ":" + version)
          .findFirst()
          .orElseThrow(() -> new AssertionError("Chart.yaml has no appVersion"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static String id(String namespace, String account) {
    return "spiffe://%s/ns/%s/sa/%s".formatted(TRUST_DOMAIN, namespace, account);
  }

  /** The agent's pod on a node. */
  public static JsonObject agent(String node) throws InterruptedException {
    return Eventually.await(
            Duration.ofSeconds(60),
            () ->
                Kubectl.get(
                        "pods",
                        "-n",
                        NAMESPACE,
                        "-l",
                        "app.kubernetes.io/component=agent",
                        "--field-selector",
                        "spec.nodeName=" + node)
                    .getAsJsonArray("items")
                    .asList()
                    .stream()
                    .map(item -> item.getAsJsonObject())
                    .filter(pod -> Kubectl.at(pod, "metadata.deletionTimestamp").isEmpty())
                    .findFirst())
        .orElseThrow(() -> new AssertionError("no agent on " + node));
  }

  /** Waits until a node's agent is ready, and says its name. */
  public static String awaitAgent(String node) throws InterruptedException {
    return Eventually.await(
            Duration.ofSeconds(60),
            () ->
                Optional.of(agent(node))
                    .filter(ProbePod::isReady)
                    .map(pod -> Kubectl.text(pod, "metadata.name")))
        .orElseThrow(() ->
            new AssertionError(
                "the agent on "
                    + node
                    + " is not ready\n"
                    + Kubectl.run("describe", "pods", "-n", NAMESPACE).all()));
  }

  /** A sum over the samples of one of the CA's metrics whose labels contain a text. */
  public static double caMetric(String name, String labels) {
    return metric(CA_POD, 9443, name, labels);
  }

  /** A sum over the samples of one of a node's agent's metrics. */
  public static double agentMetric(String node, String name, String labels)
      throws InterruptedException {
    return metric(Kubectl.text(agent(node), "metadata.name"), 9444, name, labels);
  }

  private static double metric(String pod, int port, String name, String labels) {
    return metric(NAMESPACE, pod, port, name, labels);
  }

  /** A sum over the samples of a metric that a pod serves. */
  static double metric(String namespace, String pod, int port, String name, String labels) {
    return new Metrics(
            Kubectl.run(
                    "get",
                    "--raw",
                    "/api/v1/namespaces/%s/pods/%s:%d/proxy/metrics"
                        .formatted(namespace, pod, port))
                .orFail())
        .sum(name, labels);
  }
}
