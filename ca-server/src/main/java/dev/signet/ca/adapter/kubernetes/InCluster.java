package dev.signet.ca.adapter.kubernetes;

import dev.signet.process.StartRefusedException;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.util.ClientBuilder;
import io.kubernetes.client.util.credentials.TokenFileAuthentication;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a pod reaches the API server: by what kubelet gives to it. The token's file is read again as
 * kubelet replaces it, long before the old one ends; the API's own certificate authority is read
 * once, since Kubernetes asks for a restart of pods when that is replaced.
 *
 * @param environment of the process
 * @param account folder of the mounted ServiceAccount
 */
record InCluster(Map<String, String> environment, Path account) {
  private static final String HOST = "KUBERNETES_SERVICE_HOST";
  private static final String PORT = "KUBERNETES_SERVICE_PORT";
  private static final Duration REREAD = Duration.ofMinutes(1);

  static InCluster ofThisProcess() {
    return new InCluster(System.getenv(), Path.of("/var/run/secrets/kubernetes.io/serviceaccount"));
  }

  ApiClient client() throws StartRefusedException {
    return client(REREAD);
  }

  ApiClient client(Duration reread) throws StartRefusedException {
    URI server = server();
    Path token = account.resolve("token");
    Path ca = account.resolve("ca.crt");
    if (!Files.isReadable(token)) {
      throw new StartRefusedException(
          "this pod has no ServiceAccount token at "
              + token
              + "; set automountServiceAccountToken: true on the CA's pod, or configure"
              + " cluster.kubeconfig");
    }
    try {
      return new ClientBuilder()
          .setBasePath(server.toString())
          .setCertificateAuthority(Files.readAllBytes(ca))
          .setAuthentication(new TokenFileAuthentication(token.toString(), reread))
          .build();
    } catch (IOException | RuntimeException e) {
      throw new StartRefusedException(
          "the Kubernetes API's certificate authority " + ca + " cannot be used: " + e, e);
    }
  }

  private URI server() throws StartRefusedException {
    @Nullable String host = environment.get(HOST);
    @Nullable String port = environment.get(PORT);
    if (host == null || port == null || !port.matches("[0-9]{1,5}")) {
      throw new StartRefusedException(
          "not in a cluster ("
              + HOST
              + " and "
              + PORT
              + " are not set), and no kubeconfig is configured; set cluster.kubeconfig");
    }
    try {
      // Puts an IPv6 address into brackets.
      return new URI("https", null, host, Integer.parseInt(port), "", null, null);
    } catch (URISyntaxException e) {
      throw new StartRefusedException(HOST + " is no host: " + e.getReason(), e);
    }
  }
}
