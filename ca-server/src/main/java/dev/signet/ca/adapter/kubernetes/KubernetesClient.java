package dev.signet.ca.adapter.kubernetes;

import dev.signet.process.StartRefusedException;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.util.ClientBuilder;
import io.kubernetes.client.util.KubeConfig;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import okhttp3.OkHttpClient;

/** Makes the official client, for reviews and reads with a deadline, and for watches without. */
final class KubernetesClient {
  private static final Duration CONNECT = Duration.ofSeconds(3);
  private static final Duration CALL = Duration.ofSeconds(10);
  // Finds a peer that is gone without a word, where HTTP/2 is spoken (FAULTS F28).
  private static final Duration PING = Duration.ofSeconds(20);

  private KubernetesClient() {}

  /**
   * Reads the configuration and makes a client; sends nothing.
   *
   * @param kubeconfig without one, the pod's own ServiceAccount is used
   * @throws StartRefusedException if it cannot be read or would talk to an unverified server
   */
  static ApiClient create(Optional<Path> kubeconfig) throws StartRefusedException {
    ApiClient client = build(kubeconfig);
    if (!client.isVerifyingSsl() || !client.getBasePath().startsWith("https://")) {
      throw new StartRefusedException(
          "the Kubernetes API at "
              + client.getBasePath()
              + " would not be verified, and pods' tokens go there; use https and"
              + " certificate-authority-data, without insecure-skip-tls-verify");
    }
    OkHttpClient http =
        client
            .getHttpClient()
            .newBuilder()
            .connectTimeout(CONNECT)
            .readTimeout(CALL)
            .writeTimeout(CALL)
            .callTimeout(CALL)
            .pingInterval(PING)
            // A token never follows a redirect to where it was not meant for.
            .followRedirects(false)
            .followSslRedirects(false)
            .build();
    return client.setHttpClient(http).setUserAgent("signet-ca").setDebugging(false);
  }

  /** Like {@code client}, for one call that goes on and may be silent up to {@code silence}. */
  static OkHttpClient forWatch(ApiClient client, Duration silence) {
    return client
        .getHttpClient()
        .newBuilder()
        .readTimeout(silence)
        .callTimeout(Duration.ZERO)
        .build();
  }

  private static ApiClient build(Optional<Path> kubeconfig) throws StartRefusedException {
    if (kubeconfig.isEmpty()) {
      return InCluster.ofThisProcess().client();
    }
    Path file = kubeconfig.get();
    try (Reader text = Files.newBufferedReader(file)) {
      KubeConfig config = KubeConfig.loadKubeConfig(text);
      config.setFile(file.toFile());
      return ClientBuilder.kubeconfig(config).build();
    } catch (IOException | RuntimeException e) {
      throw new StartRefusedException("the kubeconfig " + file + " cannot be used: " + e, e);
    }
  }
}
