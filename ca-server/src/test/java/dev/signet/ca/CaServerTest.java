package dev.signet.ca;

import static dev.signet.ca.adapter.kubernetes.FakeApiServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.protobuf.ByteString;
import dev.signet.ca.adapter.grpc.EndpointFixture;
import dev.signet.ca.adapter.kubernetes.FakeApiServer;
import dev.signet.ca.adapter.kubernetes.FakeConfigMap;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.process.StartRefusedException;
import dev.signet.process.config.ConfigDocument;
import dev.signet.proto.agent.v1.AttestAgentRequest;
import dev.signet.proto.agent.v1.AttestAgentResponse;
import dev.signet.proto.agent.v1.CertificateAuthorityServiceGrpc;
import dev.signet.proto.agent.v1.IssueX509SvidsRequest;
import dev.signet.proto.agent.v1.IssueX509SvidsResponse;
import dev.signet.spiffe.PresentedX509Chain;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Bundle;
import dev.signet.spiffe.X509BundleSet;
import dev.signet.spiffe.X509Svid;
import dev.signet.spiffe.X509SvidVerifier;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole CA on real sockets, a real store and real keys; of Kubernetes, canned answers. */
@Timeout(120)
class CaServerTest {
  private static final TrustDomain TRUST_DOMAIN = TrustDomain.parse("shop.example");

  @TempDir private Path folder;
  private final FakeApiServer api = new FakeApiServer();
  private CaConfig config;

  @BeforeEach
  void configure() throws Exception {
    Path key =
        Files.writeString(folder.resolve("key"), "3q2+796tvu/erb7v3q2+796tvu/erb7v3q2+796tvu8=\n");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    Path file =
        Files.writeString(
            folder.resolve("ca.yaml"),
            """
            trust_domain: shop.example
            data_dir: data
            key_encryption_key_file: key
            listen: 127.0.0.1:0
            probes: 127.0.0.1:0
            trust_bundle_file: bundle.pem
            cluster: {name: demo, kubeconfig: %s}
            """
                .formatted(api.kubeconfig(folder)));
    config = CaConfig.from(ConfigDocument.read(file));
    String list = "{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[]}";
    for (String phase : List.of("", " succeeded", " failed")) {
      api.on("list" + phase, json(200, list))
          .on("watch" + phase, api.watch(new LinkedBlockingQueue<>()));
    }
    api.on(
            "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            json(201, "{\"status\":{\"allowed\":true}}"))
        .on(
            "POST /apis/authentication.k8s.io/v1/tokenreviews",
            (exchange, request) ->
                json(201, request.body().contains("/agent") ? agentReview() : cartReview())
                    .handle(exchange, request))
        .on(
            "GET /api/v1/namespaces/signet-system/pods/agent-1",
            json(200, pod("signet-system", "signet-agent", "agent-1")))
        .on("GET /api/v1/namespaces/cart/pods/cart-1", json(200, pod("cart", "cart", "cart-1")));
  }

  @AfterEach
  void close() {
    api.close();
  }

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

  private Path bundleFile() {
    return folder.resolve("bundle.pem");
  }

  private void init() throws Exception {
    IssuingCa.init(config.issuing(), InstantSource.system(), IssuanceSteps.NONE);
  }

  private CaServer start() throws Exception {
    return CaServer.start(config, InstantSource.system(), IssuanceSteps.NONE, _ -> {});
  }

  private static AttestAgentResponse attest(CaServer ca, KeyPair keys) throws Exception {
    return call(
        ca,
        SslContextBuilder.forClient(),
        stub ->
            stub.attestAgent(
                AttestAgentRequest.newBuilder()
                    .setToken("a.b.c")
                    .setCsr(ByteString.copyFrom(EndpointFixture.csr(keys, "")))
                    .build()));
  }

  private static IssueX509SvidsResponse issue(CaServer ca, AttestAgentResponse agent, KeyPair keys)
      throws Exception {
    byte[] chain = ByteString.copyFrom(agent.getSvid().getCertificatesList()).toByteArray();
    X509Svid svid = X509Svid.parse(chain, keys.getPrivate().getEncoded());
    return call(
        ca,
        SslContextBuilder.forClient().keyManager(svid.privateKey(), svid.chain()),
        stub -> {
          Iterator<IssueX509SvidsResponse> answers =
              stub.issueX509Svids(
                  IssueX509SvidsRequest.newBuilder()
                      .addItems(
                          IssueX509SvidsRequest.Item.newBuilder()
                              .setToken("d.e.f")
                              .setCsr(ByteString.copyFrom(EndpointFixture.csr())))
                      .build());
          return answers.next();
        });
  }

  private interface Calling<T> {
    T with(CertificateAuthorityServiceGrpc.CertificateAuthorityServiceBlockingStub stub);
  }

  private static <T> T call(CaServer ca, SslContextBuilder tls, Calling<T> calling)
      throws Exception {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(ca.agentAddress())
            // Which server it is, other tests ask; and an SVID has no host name to be checked.
            .overrideAuthority("localhost")
            .sslContext(
                GrpcSslContexts.configure(tls, SslProvider.JDK)
                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .endpointIdentificationAlgorithm(null)
                    .build())
            .build();
    try {
      return calling.with(
          CertificateAuthorityServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(30, TimeUnit.SECONDS));
    } finally {
      channel.shutdownNow();
    }
  }

  private static void awaitReady(CaServer ca) throws Exception {
    assertThat(awaitProbe(ca, body -> body.startsWith("ready")).statusCode()).isEqualTo(200);
  }

  private static HttpResponse<String> awaitProbe(CaServer ca, Predicate<String> wanted)
      throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    HttpResponse<String> response = get(ca, "/readyz");
    while (!wanted.test(response.body())) {
      if (System.nanoTime() > end) {
        throw new AssertionError("the probe still says: " + response.body());
      }
      response = get(ca, "/readyz");
    }
    return response;
  }

  private static HttpResponse<String> get(CaServer ca, String path) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + ca.probeAddress().getPort() + path))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  private static String agentReview() {
    return review("agent", "signet-system", "signet-agent", "agent-1");
  }

  private static String cartReview() {
    return review("workload", "cart", "cart", "cart-1");
  }

  private static String review(String audience, String namespace, String account, String pod) {
    String extra =
        Stream.of("pod-name=" + pod, "pod-uid=uid-" + pod, "node-name=node-1", "node-uid=n1")
            .map(pair -> pair.split("=", 2))
            .map(pair -> "\"authentication.kubernetes.io/%s\":[\"%s\"]".formatted(pair[0], pair[1]))
            .reduce((a, b) -> a + "," + b)
            .orElseThrow();
    return """
    {"status":{"authenticated":true,"audiences":["signet://shop.example/%s"],
     "user":{"username":"system:serviceaccount:%s:%s","uid":"u",
      "groups":["system:serviceaccounts","system:serviceaccounts:%s"],"extra":{%s}}}}
    """
        .formatted(audience, namespace, account, namespace, extra);
  }

  private static String pod(String namespace, String account, String name) {
    return """
    {"metadata":{"namespace":"%s","name":"%s","uid":"uid-%s"},
     "spec":{"serviceAccountName":"%s","nodeName":"node-1"},"status":{"phase":"Running"}}
    """
        .formatted(namespace, name, name, account);
  }
}
