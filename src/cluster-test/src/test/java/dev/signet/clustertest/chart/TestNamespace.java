package dev.signet.clustertest.chart;

import dev.signet.clustertest.lab.Kubectl;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** A namespace of one test, gone with it. */
final class TestNamespace implements AutoCloseable {
  private final String name;

  private TestNamespace(String name) {
    this.name = name;
  }

  static TestNamespace create(Map<String, String> labels) throws IOException, InterruptedException {
    String name = "chart-" + UUID.randomUUID().toString().substring(0, 8);
    Kubectl.feed(
            Chart.json(
                Map.of(
                    "apiVersion",
                    "v1",
                    "kind",
                    "Namespace",
                    "metadata",
                    Map.of("name", name, "labels", new TreeMap<>(labels)))),
            "create",
            "-f",
            "-")
        .succeeded();
    // Pods are refused until the namespace has its account.
    Wait.until(
        name + " has an account",
        () -> Kubectl.run("get", "serviceaccount", "default", "--namespace", name),
        result -> result.code() == 0);
    return new TestNamespace(name);
  }

  /** With a Pod Security level that is enforced. */
  static TestNamespace enforcing(String level) throws IOException, InterruptedException {
    return create(Map.of("pod-security.kubernetes.io/enforce", level));
  }

  String name() {
    return name;
  }

  @Override
  public void close() throws IOException {
    Kubectl.run("delete", "namespace", name, "--wait=false").succeeded();
  }
}
