package dev.signet.agent.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The cluster's API server, for an agent that reviews tokens itself ({@code review: agent}).
 *
 * @param given {@code kubernetes.api}: {@code https} and where it is, without a path; empty in a
 *     pod, where Kubernetes tells it
 * @param caFile {@code kubernetes.ca_file}: certificates to verify it with, PEM, read at each use
 * @param tokenFile {@code kubernetes.token_file}: the agent's token for it, read at each use
 */
public record KubernetesApi(Optional<URI> given, Path caFile, Path tokenFile) {
  private static final Path ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

  /** Where Kubernetes puts them into a pod. */
  public static final Path DEFAULT_CA_FILE = ACCOUNT.resolve("ca.crt");

  public static final Path DEFAULT_TOKEN_FILE = ACCOUNT.resolve("token");

  /**
   * Where an API server is.
   *
   * @throws IllegalArgumentException if it is no https address without a path
   */
  static URI server(String text) {
    try {
      URI uri = new URI(text);
      boolean bare =
          uri.getRawUserInfo() == null
              && uri.getRawQuery() == null
              && uri.getRawFragment() == null
              && (uri.getRawPath() == null || uri.getRawPath().matches("/?"));
      if ("https".equals(uri.getScheme()) && uri.getHost() != null && bare) {
        return uri;
      }
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("is no address: " + e.getReason(), e);
    }
    throw new IllegalArgumentException(
        "must be https://HOST:PORT and nothing more, such as https://10.96.0.1:443: tokens go there");
  }

  /**
   * Where the API server is: as configured, or as Kubernetes tells each pod.
   *
   * @throws IllegalArgumentException if it is neither, outside a pod
   */
  public URI server(Map<String, String> environment) {
    if (given.isPresent()) {
      return given.get();
    }
    String host = environment.getOrDefault("KUBERNETES_SERVICE_HOST", "");
    String port = environment.getOrDefault("KUBERNETES_SERVICE_PORT", "443");
    if (host.isEmpty()) {
      throw new IllegalArgumentException(
          "review is agent, kubernetes.api is not set, and KUBERNETES_SERVICE_HOST is not either:"
              + " this is no pod; set kubernetes.api");
    }
    return server("https://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port);
  }
}
