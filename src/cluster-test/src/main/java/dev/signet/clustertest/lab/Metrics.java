package dev.signet.clustertest.lab;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a program's metrics page said.
 *
 * @param page in Prometheus' text form
 */
public record Metrics(String page) {
  /** Kubelet's own, of a node. */
  public static Metrics ofKubelet(String node) {
    return new Metrics(
        Kubectl.run("get", "--raw", "/api/v1/nodes/%s/proxy/metrics".formatted(node)).orFail());
  }

  /** A pod's, asked by its address. */
  public static Metrics of(String address, int port) {
    return new Metrics(Http.ask(address, port, "/metrics").body());
  }

  /** A sum over the samples of a metric whose labels contain a text. */
  public double sum(String name, String labels) {
    Pattern sample = Pattern.compile("^" + Pattern.quote(name) + "(\\{[^}]*})? (\\S+)$");
    return page.lines()
        .map(sample::matcher)
        .filter(Matcher::matches)
        .filter(match -> Optional.ofNullable(match.group(1)).orElse("").contains(labels))
        .mapToDouble(match -> Double.parseDouble(match.group(2)))
        .sum();
  }
}
