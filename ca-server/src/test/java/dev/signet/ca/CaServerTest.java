package dev.signet.ca;

import static dev.signet.ca.adapter.kubernetes.FakeApiServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.protobuf.ByteString;
import dev.signet.ca.adapter.kubernetes.FakeConfigMap;
import dev.signet.process.StartRefusedException;
import dev.signet.process.config.ConfigDocument;
import dev.signet.proto.agent.v1.AttestAgentResponse;
import dev.signet.proto.agent.v1.IssueX509SvidsResponse;
import dev.signet.spiffe.PresentedX509Chain;
import dev.signet.spiffe.X509Bundle;
import dev.signet.spiffe.X509BundleSet;
import dev.signet.spiffe.X509SvidVerifier;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The whole CA on real sockets, a real store and real keys; of Kubernetes, canned answers. */
@Timeout(120)
class CaServerTest extends CaServerFixture {
  @Test
  void agentThenPod_getIdentities_thatTheBundleFileVerifies() throws Exception {
    init();
    try (CaServer ca = start()) {
      awaitReady(ca);
      X509Bundle bundle = X509Bundle.parsePem(TRUST_DOMAIN, Files.readString(bundleFile()));
      KeyPair agentKeys = TestAuthority.keys();
      AttestAgentResponse agent = attest(ca, agentKeys);
      assertThat(agent.getBundle().getX509AuthoritiesCount()).isEqualTo(1);

      IssueX509SvidsResponse cart = issue(ca, agent, agentKeys);

      assertThat(cart.getSvid().getSpiffeId()).isEqualTo("spiffe://shop.example/ns/cart/sa/cart");
      assertThat(
              X509SvidVerifier.verify(
                      PresentedX509Chain.parse(
                          ByteString.copyFrom(cart.getSvid().getCertificatesList()).toByteArray()),
                      X509BundleSet.of(bundle),
                      InstantSource.system().instant())
                  .id())
          .hasToString("spiffe://shop.example/ns/cart/sa/cart");
      assertThat(get(ca, "/metrics").body())
          .contains(
              "signet_issue_total{kind=\"workload\",reason=\"none\",result=\"issued\",review=\"ca\"} 1.0",
              "signet_issue_total{kind=\"agent\",reason=\"none\",result=\"issued\",review=\"ca\"} 1.0",
              "signet_issue_seconds_count{kind=\"workload\",result=\"issued\"} 1",
              "signet_attest_seconds_count{step=\"review\"} 2",
              "signet_attest_seconds_count{step=\"pod\"} 2",
              "signet_bundle_revision{holder=\"ca\"} 1.0",
              "signet_agent_streams 0.0",
              "signet_agents_acknowledged 0.0",
              "signet_queue_depth{class=\"items\"} 0.0",
              "signet_authority_expiry_seconds{id=\"authority\"}",
              "signet_authority_expiry_seconds{id=\"root\"}",
              "signet_authority_expiry_seconds{id=\"serving\"}");
    }
  }

  /** The agent's newest serial is in the store: a restart forgets nothing. */
  @Test
  void restart_sameRoot_andTheAgentIsStillLive() throws Exception {
    init();
    KeyPair agentKeys = TestAuthority.keys();
    AttestAgentResponse agent;
    try (CaServer ca = start()) {
      agent = attest(ca, agentKeys);
    }
    String before = Files.readString(bundleFile());
    Files.delete(bundleFile());

    try (CaServer ca = start()) {
      assertThat(Files.readString(bundleFile())).isEqualTo(before);
      assertThat(issue(ca, agent, agentKeys).hasSvid()).isTrue();
      attest(ca, TestAuthority.keys());
      assertThatThrownBy(() -> issue(ca, agent, agentKeys))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getDescription()).isEqualTo("AGENT_NOT_LIVE"));
    }
  }

  @Test
  void neverInitialised_startRefused_andNothingIsMade() throws Exception {
    assertThatThrownBy(this::start)
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("init");
    assertThat(bundleFile()).doesNotExist();
    assertThat(config.dataDir().resolve("signet.db")).doesNotExist();
  }

  @Test
  void bundleFileCannotBeWritten_startRefused() throws Exception {
    init();
    Files.createDirectory(bundleFile());
    Files.writeString(bundleFile().resolve("x"), "");

    assertThatThrownBy(this::start)
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("trust_bundle_file");
    // All is let go of: the next start finds nothing locked.
    Files.delete(bundleFile().resolve("x"));
    Files.delete(bundleFile());
    start().close();
  }

  /** ADR 14. */
  @Test
  void anotherRootIsPublished_startRefused_andItIsLeftAsItIs() throws Exception {
    init();
    String theirs =
        X509Bundle.of(TRUST_DOMAIN, List.of(new TestAuthority("other").certificate())).pem();
    Files.writeString(bundleFile(), theirs);

    assertThatThrownBy(this::start)
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("which this CA does not know");
    assertThat(bundleFile()).hasContent(theirs);
  }

  @Test
  void configMap_isFilled_andReadinessSaysSo() throws Exception {
    FakeConfigMap stored = inConfigMap();
    init();
    try (CaServer ca = start()) {
      awaitReady(ca);
      assertThat(get(ca, "/readyz").body()).contains("[+] trust-bundle");
      assertThat(get(ca, "/metrics").body())
          .contains(
              "signet_bundle_revision{holder=\"published\"} 1.0",
              "signet_bundle_repaired_total 0.0",
              "signet_kubernetes_excess_rights");
      assertThat(
              X509Bundle.parsePem(
                      TRUST_DOMAIN,
                      stored
                          .object()
                          .orElseThrow()
                          .getAsJsonObject("data")
                          .get("bundle.pem")
                          .getAsString())
                  .authorities())
          .hasSize(1);
    }
  }

  /** Nothing that is issued waits for the ConfigMap. */
  @Test
  void configMapRefused_issuesAllTheSame_andReadinessSaysWhatToAdd() throws Exception {
    FakeConfigMap stored = inConfigMap();
    api.on("GET " + stored.path(), json(403, "{}"));
    init();
    try (CaServer ca = start()) {
      HttpResponse<String> ready = awaitProbe(ca, body -> body.contains("[-] trust-bundle: "));
      assertThat(ready.statusCode()).isEqualTo(503);
      assertThat(ready.body()).contains("add to its Role there", "verbs: [get]");
      assertThat(attest(ca, TestAuthority.keys()).hasSvid()).isTrue();
    }
  }

  @Test
  void anotherRootInTheConfigMap_startRefused() throws Exception {
    FakeConfigMap stored = inConfigMap();
    JsonObject data = new JsonObject();
    data.addProperty(
        "bundle.pem",
        X509Bundle.of(TRUST_DOMAIN, List.of(new TestAuthority("other").certificate())).pem());
    JsonObject object = new JsonObject();
    object.add("data", data);
    stored.set(object.toString());
    JsonObject before = stored.object().orElseThrow();
    init();

    assertThatThrownBy(this::start)
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("the ConfigMap signet-system/trust publishes the root")
        .hasMessageContaining("kubectl -n signet-system patch configmap trust");
    assertThat(stored.object().orElseThrow()).isEqualTo(before);
  }

  private FakeConfigMap inConfigMap() throws Exception {
    Path file = folder.resolve("ca.yaml");
    Files.writeString(
        file,
        Files.readString(file)
            .replace(
                "trust_bundle_file: bundle.pem", "trust_bundle_config_map: signet-system/trust"));
    config = CaConfig.from(ConfigDocument.read(file));
    return new FakeConfigMap(api, "signet-system", "trust");
  }

  /** FAULTS F12, F46: it serves and says what is missing; it is not restarted for it. */
  @Test
  void apiServerDown_aliveNotReady_withTheReason() throws Exception {
    init();
    api.close();
    try (CaServer ca = start()) {
      HttpResponse<String> ready =
          awaitProbe(
              ca,
              body -> body.contains("[-] kubernetes: ") && body.contains("watch of pods (any)"));

      assertThat(ready.statusCode()).isEqualTo(503);
      assertThat(ready.body()).contains("[+] store", "[+] authority");
      assertThat(get(ca, "/livez").statusCode()).isEqualTo(200);
      assertThatThrownBy(() -> attest(ca, TestAuthority.keys()))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
                assertThat(e.getStatus().getDescription()).isEqualTo("KUBERNETES_UNAVAILABLE");
              });
    }
  }
}
