package dev.signet.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.adapter.kubernetes.ConfigMapName;
import dev.signet.ca.issuance.AttestationMode;
import dev.signet.ca.issuance.ServiceAccountName;
import dev.signet.process.config.ConfigDocument;
import dev.signet.process.config.ConfigException;
import dev.signet.spiffe.TrustDomain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaConfigTest {
  private static final String LEAST =
      """
      trust_domain: shop.example
      data_dir: data
      key_encryption_key_file: key
      listen: 127.0.0.1:8443
      probes: 127.0.0.1:9443
      trust_bundle_file: bundle.pem
      cluster: {name: demo}
      """;

  @TempDir private Path folder;

  @BeforeEach
  void key() throws IOException {
    key("0123456789abcdef0123456789abcdef");
  }

  @Test
  void leastFile_defaults() throws Exception {
    CaConfig config = read(LEAST);

    assertThat(config.dataDir()).isEqualTo(folder.resolve("data"));
    assertThat(config.trustBundle())
        .isEqualTo(new BundlePlace.InFile(folder.resolve("bundle.pem")));
    assertThat(config.store()).isEqualTo(new StorePlace.InFolder());
    assertThat(config.adminSocket()).isEqualTo(folder.resolve("data/admin.sock"));
    assertThat(config.kubeconfig()).isEmpty();
    assertThat(config.signedTokens()).isEmpty();
    assertThat(config.policy().mode()).isEqualTo(AttestationMode.CA_REVIEW);
    assertThat(config.sandbox()).isFalse();
    assertThat(config.policy().trustDomain()).isEqualTo(TrustDomain.parse("shop.example"));
    assertThat(config.policy().cluster()).isEqualTo("demo");
    assertThat(config.policy().workloadTtl()).isEqualTo(Duration.ofHours(1));
    assertThat(config.policy().backdate()).isEqualTo(Duration.ofMinutes(5));
    assertThat(config.policy().agentAccounts())
        .containsExactly(new ServiceAccountName("signet-system", "signet-agent"));
    assertThat(config.policy().defaultAccountNamespaces()).isEmpty();
    assertThat(config.issuing().longestLeaf()).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void everySetting_takesEffect() throws Exception {
    CaConfig config =
        read(
            """
            trust_domain: spiffe://other.example
            data_dir: /var/lib/signet
            key_encryption_key_file: key
            listen: "[::1]:0"
            probes: 0.0.0.0:9999
            trust_bundle_file: /run/bundle.pem
            cluster: {name: c-1, kubeconfig: kube}
            agents: {accounts: [a/b, c/d.e]}
            svid: {ttl: 6h, backdate: 0s}
            policy: {allow_default_account: [legacy, old]}
            admin: {socket: /run/signet/admin.sock}
            sandbox: true
            """);

    assertThat(config.policy().trustDomain()).isEqualTo(TrustDomain.parse("other.example"));
    assertThat(config.adminSocket()).isEqualTo(Path.of("/run/signet/admin.sock"));
    assertThat(config.listen().getPort()).isZero();
    assertThat(config.probes().getPort()).isEqualTo(9999);
    assertThat(config.kubeconfig()).contains(folder.resolve("kube"));
    assertThat(config.policy().cluster()).isEqualTo("c-1");
    assertThat(config.policy().agentAccounts())
        .containsExactlyInAnyOrder(
            new ServiceAccountName("a", "b"), new ServiceAccountName("c", "d.e"));
    assertThat(config.policy().workloadTtl()).isEqualTo(Duration.ofHours(6));
    assertThat(config.policy().backdate()).isEqualTo(Duration.ZERO);
    assertThat(config.policy().defaultAccountNamespaces())
        .containsExactlyInAnyOrder("legacy", "old");
    assertThat(config.sandbox()).isTrue();
    assertThat(config.issuing().longestLeaf()).isEqualTo(Duration.ofHours(6));
  }

  @Test
  void everythingWrong_isReportedAtOnce() {
    assertThatThrownBy(() ->
            read(
                """
                trust_domian: shop.example
                data_dir: data
                key_encryption_key_file: nowhere
                listen: localhost:8443
                cluster: {name: a/b, kubeconfg: x}
                agents: {accounts: [agent]}
                svid: {ttl: 25h, backdate: 2h}
                policy: {allow_default_account: [Legacy]}
                admin: {socet: x}
                sandbox: maybe
                """))
        .isInstanceOfSatisfying(
            ConfigException.class,
            e ->
                assertThat(e.getMessage())
                    .contains(
                        "trust_domian",
                        "trust_domain",
                        "key_encryption_key_file",
                        "listen",
                        "probes",
                        "trust_bundle_file",
                        "cluster.name",
                        "did you mean 'kubeconfig'",
                        "agents.accounts[0]",
                        "svid.ttl",
                        "svid.backdate",
                        "policy.allow_default_account[0]",
                        "did you mean 'socket'",
                        "sandbox"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "svid: {ttl: 60s}|sandbox",
        "agents: {accounts: []}|agents.accounts",
        "svid: {ttl: 5s, backdate: 0s}|svid.ttl"
      })
  void valuesThatDoNotGoTogether_refused(String more, String named) {
    assertThatThrownBy(() -> read(LEAST + more + "\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(named);
  }

  @Test
  void storeInPostgres_itsUrlUserAndPassword() throws Exception {
    StorePlace store =
        read(LEAST
                + """
                store:
                  postgresql:
                    url: jdbc:postgresql://a:5432,b:5432/signet?sslrootcert=/etc/ca.pem
                    user: signet
                    password_file: key
                """)
            .store();

    assertThat(store)
        .isInstanceOfSatisfying(
            StorePlace.InPostgres.class,
            postgres -> {
              assertThat(postgres.settings().url().place()).isEqualTo("a:5432,b:5432/signet");
              assertThat(postgres.settings().user()).isEqualTo("signet");
              assertThat(postgres.settings().passwordFile().orElseThrow().path())
                  .isEqualTo(folder.resolve("key"));
            });
    assertThat(store.toString()).doesNotContain("MDEyMzQ1Njc4OWFiY2RlZg");
  }

  @Test
  void storeInPostgresWithoutAPassword_isLeftToTheCertificate() throws Exception {
    assertThat(
            read(LEAST + "store: {postgresql: {url: 'jdbc:postgresql://a/signet', user: signet}}\n")
                .store())
        .isInstanceOfSatisfying(
            StorePlace.InPostgres.class,
            postgres -> assertThat(postgres.settings().passwordFile()).isEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{postgresql: {user: u}}|store.postgresql.url: is missing",
        "{postgresql: {url: 'jdbc:postgresql://a/b'}}|store.postgresql.user: is missing",
        "{postgresql: x}|store.postgresql: must be a section",
        "{postgres: {user: u}}|store.postgres: unknown key; did you mean",
        "{postgresql: {url: 'jdbc:postgresql://a/b', user: u, password: p}}|store.postgresql.password: unknown key",
        "{postgresql: {url: 'jdbc:postgresql://a/b?password=p', user: u}}|password_file",
        "{postgresql: {url: 'jdbc:postgresql://a/b', user: '  '}}|store.postgresql.user: must not be empty",
        "{postgresql: {url: 'jdbc:postgresql://a/b', user: u, password_file: nowhere}}|store.postgresql.password_file"
      })
  void storeThatIsNotWhole_refused(String store, String said) {
    assertThatThrownBy(() -> read(LEAST + "store: " + store + "\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(said);
  }

  @Test
  void everythingWrongWithTheStore_isReportedAtOnce() {
    assertThatThrownBy(() ->
            read(
                LEAST
                    + "store: {postgresql: {url: 'mysql://a', user: '', password_file: nowhere, port: 1}}\n"))
        .isInstanceOfSatisfying(
            ConfigException.class,
            e ->
                assertThat(e.getMessage())
                    .contains(
                        "store.postgresql.url",
                        "store.postgresql.user",
                        "store.postgresql.password_file",
                        "store.postgresql.port"));
  }

  @Test
  void clusterWhoseAgentsReview_itsKeysAndIssuer() throws Exception {
    CaConfig config = read(cluster("review: agent, issuer: 'https://k8s', jwks_file: keys.json"));

    assertThat(config.policy().mode()).isEqualTo(AttestationMode.AGENT_REVIEW);
    assertThat(config.policy().agentTtl()).isEqualTo(Duration.ofMinutes(10));
    assertThat(config.signedTokens())
        .contains(new CaConfig.SignedTokens("https://k8s", folder.resolve("keys.json")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "review: agents|neither ca (this CA reviews tokens) nor agent",
        "review: agent|cluster.issuer or cluster.jwks_file is missing",
        "review: agent, issuer: i|cluster.issuer or cluster.jwks_file is missing",
        "review: agent, jwks_file: k|cluster.issuer or cluster.jwks_file is missing",
        "review: agent, issuer: ' i', jwks_file: k|cluster.issuer",
        "review: agent, issuer: i, jwks_file: k, kubeconfig: f|which is safer",
        "issuer: i|set cluster.review: agent",
        "review: ca, jwks_file: k|set cluster.review: agent"
      })
  void clusterOfTwoMinds_refused(String keys, String said) {
    assertThatThrownBy(() -> read(cluster(keys)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(said);
  }

  /** THREATS T48: where nobody sees that a pod is gone, SVIDs are short. */
  @Test
  void longSvids_notWhereAgentsReview() {
    assertThatThrownBy(
            () -> read(cluster("review: agent, issuer: i, jwks_file: k") + "svid: {ttl: 2h}\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("svid.ttl is above 1h");
  }

  private static String cluster(String keys) {
    return LEAST.replace("{name: demo}", "{name: demo, " + keys + "}");
  }

  @Test
  void shortSvids_inTheSandboxAlone() throws Exception {
    assertThat(read(LEAST + "svid: {ttl: 10s}\nsandbox: true\n").policy().workloadTtl())
        .isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void trustDomainThatEndsInADot_refused() {
    assertThatThrownBy(() -> read(LEAST.replace("shop.example", "shop.example.")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("trust_domain")
        .hasMessageContaining("leave the dot out");
  }

  @Test
  void oneAddressForBoth_refused() {
    assertThatThrownBy(() -> read(LEAST.replace("9443", "8443")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("same address");
  }

  @Test
  void bundleOverTheKey_refused() {
    assertThatThrownBy(() -> read(LEAST.replace("bundle.pem", "key")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("trust_bundle_file");
  }

  @Test
  void bundleInAConfigMap() throws Exception {
    assertThat(
            read(LEAST.replace(
                    "trust_bundle_file: bundle.pem",
                    "trust_bundle_config_map: signet-system/signet-trust-bundle"))
                .trustBundle())
        .isEqualTo(
            new BundlePlace.InConfigMap(new ConfigMapName("signet-system", "signet-trust-bundle")));
  }

  @Test
  void bundleInBothOrNeither_refused() {
    assertThatThrownBy(() -> read(LEAST + "trust_bundle_config_map: a/b\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(
            ":8: trust_bundle_config_map: cannot be set beside trust_bundle_file; keep exactly one of the two");
    assertThatThrownBy(() -> read(LEAST.replace("trust_bundle_file: bundle.pem\n", "")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(
            "trust_bundle_file: is missing, and so is trust_bundle_config_map; set exactly one of the two");
  }

  @Test
  void configMapThatIsNone_refusedWithTheForm() {
    assertThatThrownBy(() ->
            read(
                LEAST.replace(
                    "trust_bundle_file: bundle.pem", "trust_bundle_config_map: trust-bundle")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("write namespace/name");
  }

  /** THREATS T35, I17. */
  @Test
  void keyThatIsNone_refusedWithoutQuotingIt() throws Exception {
    key("too short a secret");

    assertThatThrownBy(() -> read(LEAST))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("key_encryption_key_file")
        .message()
        .doesNotContain(
            Base64.getEncoder()
                .encodeToString("too short a secret".getBytes(StandardCharsets.US_ASCII)));
  }

  @Test
  void text_holdsNoKey() throws Exception {
    assertThat(read(LEAST).toString()).doesNotContain("0123456789abcdef", "MDEyMzQ1Njc4OWFiY2RlZg");
  }

  private void key(String secret) throws IOException {
    Path file = folder.resolve("key");
    Files.writeString(
        file, Base64.getEncoder().encodeToString(secret.getBytes(StandardCharsets.US_ASCII)));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private CaConfig read(String yaml) throws ConfigException, IOException {
    Path file = Files.writeString(folder.resolve("ca.yaml"), yaml);
    return CaConfig.from(ConfigDocument.read(file));
  }
}
