package dev.signet.cli.adapter.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterAccessTest {
  @TempDir Path folder;

  private Path config(String name, String server, String cluster, String user) throws Exception {
    return Files.writeString(
        folder.resolve(name),
        """
        apiVersion: v1
        kind: Config
        current-context: NAME
        clusters:
        - name: NAME
          cluster: {server: "SERVER" CLUSTER}
        users:
        - name: NAME
          user: {token: abc USER}
        contexts:
        - name: NAME
          context: {cluster: NAME, user: NAME}
        """
            .replace("NAME", name)
            .replace("SERVER", server)
            .replace("CLUSTER", cluster)
            .replace("USER", user));
  }

  private static String address(
      Map<String, String> environment, Optional<Path> file, Optional<String> context)
      throws KubeconfigException {
    return new ClusterAccess(environment).open(file, context).getBasePath();
  }

  private static String address(Path file) throws KubeconfigException {
    return address(Map.of(), Optional.of(file), Optional.empty());
  }

  @Test
  void namedFile_comesBeforeTheEnvironment() throws Exception {
    Path one = config("one", "https://one.example", "", "");
    Path two = config("two", "https://two.example", "", "");
    Map<String, String> environment = Map.of("KUBECONFIG", two.toString());

    assertThat(address(environment, Optional.of(one), Optional.empty()))
        .isEqualTo("https://one.example");
    assertThat(address(environment, Optional.empty(), Optional.empty()))
        .isEqualTo("https://two.example");
  }

  @Test
  void severalFiles_areLookedThrough_asKubectlDoes() throws Exception {
    String files =
        folder.resolve("absent")
            + File.pathSeparator
            + config("one", "https://one.example", "", "")
            + File.pathSeparator
            + config("two", "https://two.example", "", "");
    Map<String, String> environment = Map.of("KUBECONFIG", files);

    assertThat(address(environment, Optional.empty(), Optional.empty()))
        .isEqualTo("https://one.example");
    assertThat(address(environment, Optional.empty(), Optional.of("two")))
        .isEqualTo("https://two.example");
    assertThatThrownBy(() -> address(environment, Optional.empty(), Optional.of("three")))
        .isInstanceOf(KubeconfigException.class)
        .hasMessageContaining("no context 'three'")
        .hasMessageContaining("[one, two]");
  }

  @Test
  void homesFile_isTheUsualOne() throws Exception {
    Files.createDirectories(folder.resolve(".kube"));
    Files.move(config("one", "https://one.example", "", ""), folder.resolve(".kube/config"));

    assertThat(address(Map.of("HOME", folder.toString()), Optional.empty(), Optional.empty()))
        .isEqualTo("https://one.example");
  }

  @Test
  void contextInPieces_isRefusedWithTheMend() throws Exception {
    Path split =
        Files.writeString(
            folder.resolve("split"),
            "{current-context: a, contexts: [{name: a, context: {cluster: b, user: c}}],"
                + " clusters: [], users: []}");

    assertThatThrownBy(() -> address(split))
        .isInstanceOf(KubeconfigException.class)
        .hasMessageContaining("kubectl config view --flatten");
  }

  @Test
  void unverifiedServer_isRefused() throws Exception {
    Path insecure =
        config("insecure", "https://one.example", ", insecure-skip-tls-verify: true", "");
    Path plain = config("plain", "http://one.example", "", "");

    assertThatThrownBy(() -> address(insecure)).hasMessageContaining("would not be verified");
    assertThatThrownBy(() -> address(plain)).hasMessageContaining("would not be verified");
  }

  @Test
  void whatWouldBePassedOver_isRefused() throws Exception {
    Path proxy = config("proxy", "https://one.example", ", proxy-url: \"http://p\"", "");
    Path as = config("as", "https://one.example", "", ", as: joe");

    assertThatThrownBy(() -> address(proxy)).hasMessageContaining("proxy-url");
    assertThatThrownBy(() -> address(as)).hasMessageContaining("impersonation");
  }

  @Test
  void missingOrBrokenFile_isSaid() throws Exception {
    assertThatThrownBy(() -> address(folder.resolve("absent")))
        .hasMessageContaining("does not exist");
    assertThatThrownBy(() -> address(Files.writeString(folder.resolve("broken"), "contexts: [")))
        .isInstanceOf(KubeconfigException.class)
        .hasMessageContaining("cannot be read");
    assertThatThrownBy(() -> address(Files.writeString(folder.resolve("empty"), "")))
        .isInstanceOf(KubeconfigException.class);
  }

  @Test
  void nothingAtAll_isSaid() {
    assertThatThrownBy(
            () -> address(Map.of("HOME", folder.toString()), Optional.empty(), Optional.empty()))
        .isInstanceOf(KubeconfigException.class)
        .hasMessageContaining("there is no kubeconfig");
  }

  @Test
  void podWithoutItsAccount_isSaid() {
    Map<String, String> pod =
        Map.of("HOME", folder.toString(), "KUBERNETES_SERVICE_HOST", "10.0.0.1");

    assertThatThrownBy(() -> address(pod, Optional.empty(), Optional.empty()))
        .isInstanceOf(KubeconfigException.class)
        .hasMessageContaining("automountServiceAccountToken");
  }
}
