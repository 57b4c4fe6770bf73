package dev.signet.sandbox.api;

import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.util.ClientBuilder;
import io.kubernetes.client.util.credentials.AccessTokenAuthentication;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Address and credentials of one caller of an API server. Immutable; {@link #toString} hides the
 * token.
 */
public final class ApiAccess {
  private final URI server;
  private final String caPem;
  private final String token;

  /**
   * @param server base address, for example {@code https://127.0.0.1:6443}
   * @param caPem certificates that the server's is checked against
   * @param token bearer token
   */
  public ApiAccess(URI server, String caPem, String token) {
    this.server = server;
    this.caPem = caPem;
    this.token = token;
  }

  public URI server() {
    return server;
  }

  public String caPem() {
    return caPem;
  }

  /** The bearer token: a secret. */
  public String token() {
    return token;
  }

  /** A new client of the official library, on connections of its own. */
  public ApiClient client() {
    return new ClientBuilder()
        .setBasePath(server.toString())
        .setVerifyingSsl(true)
        .setCertificateAuthority(caPem.getBytes(StandardCharsets.US_ASCII))
        .setAuthentication(new AccessTokenAuthentication(token))
        .build();
  }

  /**
   * What this caller reads under a path that is no resource's, for example {@code /openid/v1/jwks}.
   *
   * @throws IOException if the answer is not 200
   */
  public String read(String path) throws IOException {
    OkHttpClient http = client().getHttpClient();
    Request request =
        new Request.Builder().url(server + path).header("Authorization", "Bearer " + token).build();
    try (Response response = http.newCall(request).execute()) {
      if (response.code() != 200) {
        throw new IOException("GET " + path + ": HTTP " + response.code());
      }
      return response.body().string();
    }
  }

  /** A kubeconfig file with these credentials: a secret. */
  public String kubeconfig() {
    return String.format(
        Locale.ROOT,
        """
        apiVersion: v1
        kind: Config
        clusters:
        - name: sandbox
          cluster:
            server: %s
            certificate-authority-data: %s
        users:
        - name: caller
          user:
            token: %s
        contexts:
        - name: sandbox
          context:
            cluster: sandbox
            user: caller
        current-context: sandbox
        """,
        server,
        Base64.getEncoder().encodeToString(caPem.getBytes(StandardCharsets.US_ASCII)),
        token);
  }

  @Override
  public String toString() {
    return "ApiAccess[" + server + ", token hidden]";
  }
}
