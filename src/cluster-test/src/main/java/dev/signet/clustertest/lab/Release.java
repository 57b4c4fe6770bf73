package dev.signet.clustertest.lab;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A release of Signet's chart. {@link Signet} is the one that the suites share. Immutable. */
public record Release(String name, String namespace) {

  /**
   * {@code helm upgrade --install}, until everything is ready; what helm says is the caller's to
   * judge.
   *
   * @param values of the chart
   * @param files that hold values of the chart
   */
  public Output upgrade(Map<String, String> values, Map<String, Path> files) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "upgrade",
                "--install",
                name,
                Lab.root().resolve("deploy/helm/signet").toString(),
                "-n",
                namespace,
                "--wait",
                "--timeout",
                "120s"));
    new TreeMap<>(values)
        .forEach((key, value) -> arguments.addAll(List.of("--set", key + "=" + value)));
    new TreeMap<>(files)
        .forEach((key, file) -> arguments.addAll(List.of("--set-file", key + "=" + file)));
    return Lab.helm(arguments);
  }

  /** {@code helm uninstall}; what helm says is the caller's to judge. */
  public Output uninstall() {
    return Lab.helm(List.of("uninstall", name, "-n", namespace, "--timeout", "60s", "--wait"));
  }

  /** A sum over the samples of one of its CA's metrics whose labels contain a text. */
  public double caMetric(String metric, String labels) {
    return Signet.metric(namespace, Signet.CA_POD, 9443, metric, labels);
  }
}
