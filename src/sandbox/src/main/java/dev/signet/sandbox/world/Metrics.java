package dev.signet.sandbox.world;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;

/** The figures that a process serves for Prometheus, as they were at one instant. */
public record Metrics(List<Sample> samples) {
  /**
   * One line.
   *
   * @param name with its labels, as it stands: {@code signet_issue_total{result="granted"}}
   */
  public record Sample(String name, double value) {
    private boolean is(String metric) {
      return name.equals(metric) || name.startsWith(metric + "{");
    }
  }

  public Metrics {
    samples = List.copyOf(samples);
  }

  static Metrics read(HttpClient http, URI address) throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(5)).build(),
            HttpResponse.BodyHandlers.ofString());
    return new Metrics(
        response
            .body()
            .lines()
            .filter(line -> !line.startsWith("#") && line.lastIndexOf(' ') > 0)
            .map(Metrics::sample)
            .toList());
  }

  private static Sample sample(String line) {
    int space = line.lastIndexOf(' ');
    return new Sample(line.substring(0, space), Double.parseDouble(line.substring(space + 1)));
  }

  /** The sum of all samples of that name whose labels hold each of these texts. */
  public double sum(String name, String... labels) {
    return samples.stream()
        .filter(sample -> sample.is(name))
        .filter(sample -> List.of(labels).stream().allMatch(sample.name()::contains))
        .mapToDouble(Sample::value)
        .sum();
  }
}
