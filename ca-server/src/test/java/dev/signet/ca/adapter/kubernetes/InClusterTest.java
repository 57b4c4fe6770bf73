package dev.signet.ca.adapter.kubernetes;

import static dev.signet.ca.adapter.kubernetes.FakeApiServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.process.StartRefusedException;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InClusterTest {
  @TempDir private Path account;
  private final FakeApiServer api = new FakeApiServer();

  @BeforeEach
  void mount() throws Exception {
    Files.writeString(account.resolve("ca.crt"), api.certificatePem());
    Files.writeString(account.resolve("token"), "first\n");
  }

  @AfterEach
  void close() {
    api.close();
  }

  private InCluster at(String host, String port) {
    return new InCluster(
        Map.of("KUBERNETES_SERVICE_HOST", host, "KUBERNETES_SERVICE_PORT", port), account);
  }

  @ParameterizedTest
  @CsvSource({
    "10.96.0.1, 443, https://10.96.0.1:443",
    "fd00:10:96::1, 443, https://[fd00:10:96::1]:443",
    "kubernetes.default.svc, 6443, https://kubernetes.default.svc:6443"
  })
  void address_ofEitherFamily(String host, String port, String url) throws Exception {
    ApiClient client = at(host, port).client();

    assertThat(client.getBasePath()).isEqualTo(url);
    assertThat(client.isVerifyingSsl()).isTrue();
  }

  /** kubelet replaces the file before the token in it ends. */
  @Test
  void token_isReadAgain() throws Exception {
    api.on("GET /api/v1/nodes", json(200, "{\"items\":[]}"));
    ApiClient client = at("127.0.0.1", Integer.toString(api.port())).client(Duration.ZERO);
    var _ = new CoreV1Api(client).listNode().buildCall(null).execute();
    Files.writeString(account.resolve("token"), "second\n");
    var _ = new CoreV1Api(client).listNode().buildCall(null).execute();

    assertThat(api.requests)
        .extracting(FakeApiServer.Request::auth)
        .containsExactly("Bearer first", "Bearer second");
  }

  @Test
  void outsideACluster_startRefusedNamingTheSetting() {
    assertThatThrownBy(() -> new InCluster(Map.of(), account).client())
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("cluster.kubeconfig");
    assertThatThrownBy(() -> at("10.96.0.1", "tcp://x").client())
        .isInstanceOf(StartRefusedException.class);
  }

  @Test
  void podWithoutToken_startRefusedNamingTheField() throws Exception {
    Files.delete(account.resolve("token"));

    assertThatThrownBy(() -> at("10.96.0.1", "443").client())
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("automountServiceAccountToken: true");
  }

  @Test
  void authorityMissingOrGarbage_startRefusedNamingIt() throws Exception {
    Files.writeString(account.resolve("ca.crt"), "x");
    assertThatThrownBy(() -> at("10.96.0.1", "443").client())
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("ca.crt");
    Files.delete(account.resolve("ca.crt"));
    assertThatThrownBy(() -> at("10.96.0.1", "443").client())
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("ca.crt");
  }
}
