package dev.signet.clustertest.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/**
 * Pods asked from the control plane's network, which reaches them without the API server: a drill
 * may have taken it away. Thread-safe.
 */
public final class Http {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().connectTimeout(LIMIT).version(HttpClient.Version.HTTP_1_1).build();

  private Http() {}

  /** What a path of a pod answers with. */
  public static HttpResponse<String> ask(String address, int port, String path) {
    var request =
        HttpRequest.newBuilder(URI.create("http://%s:%d%s".formatted(address, port, path)))
            .timeout(LIMIT)
            .build();
    try {
      return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(request.uri().toString(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while " + request.uri() + " was asked", e);
    }
  }
}
