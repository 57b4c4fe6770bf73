package dev.signet.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.signet.process.config.ConfigDocument;
import dev.signet.process.config.ConfigException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgentConfigTest {
  private static final String LEAST =
      """
      trust_domain: shop.example
      cluster: demo
      node_name: node-1
      ca: {address: "ca.signet-system.svc:8443", trust_bundle_file: /etc/signet/bundle.pem}
      token_file: /var/run/secrets/signet/token
      sandbox: true
      """;

  @Test
  void leastFile_hasTheseDefaults() throws Exception {
    AgentConfig config = parse(LEAST);

    assertThat(config.kubeletDir()).isEqualTo(Path.of("/var/lib/kubelet"));
    assertThat(config.runDir()).isEqualTo(Path.of("/run/signet"));
    assertThat(config.probes().getHostString()).isEqualTo("127.0.0.1");
    assertThat(config.probes().getPort()).isEqualTo(9444);
  }

  @Test
  void everyKey_isMapped() throws Exception {
    AgentConfig config = parse(LEAST + "kubelet_dir: /k\nrun_dir: /r\nprobes: 127.0.0.1:0\n");

    assertThat(config.name().id()).hasToString("spiffe://shop.example/signet/agent/demo/node-1");
    assertThat(config.name().certificateAuthority()).hasToString("spiffe://shop.example/signet/ca");
    assertThat(config.name().workloadAudience()).isEqualTo("signet://shop.example/workload");
    assertThat(config.ca()).isEqualTo(new CaAddress("ca.signet-system.svc", 8443));
    assertThat(config.caBundleFile()).isEqualTo(Path.of("/etc/signet/bundle.pem"));
    assertThat(config.tokenFile()).isEqualTo(Path.of("/var/run/secrets/signet/token"));
    assertThat(config.kubeletDir()).isEqualTo(Path.of("/k"));
    assertThat(config.runDir()).isEqualTo(Path.of("/r"));
    assertThat(config.probes().getPort()).isZero();
    assertThat(config.sandbox()).isTrue();
  }

  @Test
  void agentThatReviews_hasAnApiServer() throws Exception {
    AgentConfig config =
        parse(
            LEAST
                + "review: agent\n"
                + "kubernetes: {api: 'https://10.96.0.1:443', ca_file: /c, token_file: /t}\n");

    assertThat(config.review())
        .contains(
            new KubernetesApi(
                Optional.of(URI.create("https://10.96.0.1:443")), Path.of("/c"), Path.of("/t")));
    assertThat(parse(LEAST).review()).isEmpty();
    assertThat(parse(LEAST + "review: ca\n").review()).isEmpty();
    assertThat(
            parse(LEAST + "review: agent\nkubernetes: {api: 'https://k8s'}\n")
                .review()
                .orElseThrow()
                .tokenFile())
        .isEqualTo(Path.of("/var/run/secrets/kubernetes.io/serviceaccount/token"));
  }

  @Test
  void apiServerOfAPod_isWhatKubernetesTellsIt() throws Exception {
    KubernetesApi api = parse(LEAST + "review: agent\n").review().orElseThrow();

    assertThat(
            api.server(
                Map.of("KUBERNETES_SERVICE_HOST", "fd00::1", "KUBERNETES_SERVICE_PORT", "6443")))
        .isEqualTo(URI.create("https://[fd00::1]:6443"));
    assertThatThrownBy(() -> api.server(Map.of())).hasMessageContaining("set kubernetes.api");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "review: both|must be ca (the CA reviews tokens) or agent",
        "kubernetes: {api: 'https://k8s'}|kubernetes is set, and review is ca",
        "review: agent, kubernetes: {api: 'http://k8s'}|must be https://HOST:PORT",
        "review: agent, kubernetes: {api: 'https://a@k8s'}|must be https://HOST:PORT",
        "review: agent, kubernetes: {api: 'https://k8s/x'}|must be https://HOST:PORT",
        "review: agent, kubernetes: {api: 'https:// x'}|is no address",
        "review: agent, kubernetes: {api: 'https://k8s', token_file: /var/run/secrets/signet/token}|different audiences"
      })
  void reviewThatDoesNotFit_isRefused(String keys, String said) {
    assertThatThrownBy(() -> parse(LEAST + keys.replace(", kubernetes", "\nkubernetes") + "\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(said);
  }

  @Test
  void withoutSandbox_volumesAreMounted_onATmpfsAsSet() throws Exception {
    String mounting = LEAST.replace("sandbox: true\n", "");

    assertThat(parse(mounting).sandbox()).isFalse();
    assertThat(parse(mounting).runMount()).isEqualTo(new RunMount(64 << 20, Optional.empty()));
    assertThat(
            parse(mounting + "run_size: 1g\nselinux_label: system_u:object_r:c_t:s0:c1,c2\n")
                .runMount())
        .isEqualTo(new RunMount(1 << 30, Optional.of("system_u:object_r:c_t:s0:c1,c2")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "64", "64M", "64mb", "0m", "1023k", "1025m", "2g", "-1m", "9999999999g"})
  void otherSize_isRefusedWithTheForm(String size) {
    assertThatThrownBy(() -> parse(LEAST + "run_size: '" + size + "'\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("run_size: must be a size from 1m to 1g, written like 64m");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "a:b", "a:b:c,size=1g", "a:b:c:s0\"", "a b:c:d", "a:b:c:"})
  void otherLabel_isRefusedWithTheForm(String label) {
    assertThatThrownBy(
            () -> parse(LEAST.replace("sandbox: true", "") + "selinux_label: '" + label + "'\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("selinux_label: must be an SELinux context user:role:type");
  }

  @Test
  void labelInTheSandbox_isRefused() {
    assertThatThrownBy(() -> parse(LEAST + "selinux_label: a:b:c:s0\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("selinux_label is set with sandbox: true");
  }

  @Test
  void nodeName_isTheFiles_thenTheVariables() throws Exception {
    var variable = Map.of("NODE_NAME", "node-7");
    String without = LEAST.replace("node_name: node-1\n", "");

    assertThat(parse(LEAST, variable).name().node()).isEqualTo("node-1");
    assertThat(parse(without, variable).name().node()).isEqualTo("node-7");
    assertThatThrownBy(() -> parse(without, Map.of()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("node_name");
    assertThatThrownBy(() -> parse(without, Map.of("NODE_NAME", "a/b")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("node_name");
  }

  @Test
  void longRunDir_isRefusedWithTheLimit() {
    assertThatThrownBy(() -> parse(LEAST + "run_dir: /" + "x".repeat(53)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("run_dir has 54 bytes and may have 53");
  }

  @Test
  void everyProblem_isReportedAtOnce() {
    ConfigException refusal =
        catchThrowableOfType(
            ConfigException.class,
            () ->
                parse(
                    """
                    trust_domain: Shop.Example
                    cluster: a/b
                    ca: {address: "nowhere", trust_bundle: x}
                    token_fil: x
                    probes: localhost:1
                    sandbox: maybe
                    """));

    assertThat(refusal.getMessage())
        .contains("trust_domain")
        .contains("cluster")
        .contains("node_name")
        .contains("ca.address")
        .contains("ca.trust_bundle_file")
        .contains("token_fil:")
        .contains("probes")
        .contains("sandbox");
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:8443, 127.0.0.1, 8443",
    "ca:1, ca, 1",
    "a-b.c:65535, a-b.c, 65535",
    "[fd00::1]:443, fd00::1, 443"
  })
  void address_isHostAndPort(String text, String host, int port) {
    assertThat(CaAddress.parse(text)).isEqualTo(new CaAddress(host, port));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        "ca",
        "ca:",
        ":1",
        "ca:0",
        "ca:65536",
        "ca:x",
        "ca:-1",
        "ca:123456",
        "fd00::1:443",
        "https://ca:1",
        "ca/x:1",
        "ca :1",
        "-ca:1",
        "[ca]:1",
        "dns:///ca:1"
      })
  void otherText_isNoAddress(String text) {
    assertThatThrownBy(() -> CaAddress.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  private static AgentConfig parse(String yaml) throws ConfigException {
    return parse(yaml, Map.of());
  }

  private static AgentConfig parse(String yaml, Map<String, String> environment)
      throws ConfigException {
    return AgentConfig.from(ConfigDocument.parse("agent.yaml", yaml), environment);
  }
}
