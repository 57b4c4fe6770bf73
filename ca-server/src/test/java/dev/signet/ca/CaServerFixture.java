package dev.signet.ca;

import static dev.signet.ca.adapter.kubernetes.FakeApiServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.signet.ca.adapter.grpc.EndpointFixture;
import dev.signet.ca.adapter.kubernetes.FakeApiServer;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.process.config.ConfigDocument;
import dev.signet.proto.agent.v1.AttestAgentRequest;
import dev.signet.proto.agent.v1.AttestAgentResponse;
import dev.signet.proto.agent.v1.CertificateAuthorityServiceGrpc;
import dev.signet.proto.agent.v1.IssueX509SvidsRequest;
import dev.signet.proto.agent.v1.IssueX509SvidsResponse;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Svid;
import io.grpc.ManagedChannel;
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
import org.junit.jupiter.api.io.TempDir;

/** The whole CA on real sockets, a real store and real keys; of Kubernetes, canned answers. */
abstract class CaServerFixture {
  static final TrustDomain TRUST_DOMAIN = TrustDomain.parse("shop.example");

  @TempDir Path folder;
  final FakeApiServer api = new FakeApiServer();
  CaConfig config;

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

  Path bundleFile() {
    return folder.resolve("bundle.pem");
  }

  void init() throws Exception {
    IssuingCa.init(config.issuing(), InstantSource.system(), IssuanceSteps.NONE);
  }

  CaServer start() throws Exception {
    return CaServer.start(config, InstantSource.system(), IssuanceSteps.NONE, _ -> {});
  }

  static AttestAgentResponse attest(CaServer ca, KeyPair keys) throws Exception {
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

  static IssueX509SvidsResponse issue(CaServer ca, AttestAgentResponse agent, KeyPair keys)
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

  interface Calling<T> {
    T with(CertificateAuthorityServiceGrpc.CertificateAuthorityServiceBlockingStub stub)
        throws Exception;
  }

  static <T> T call(CaServer ca, SslContextBuilder tls, Calling<T> calling) throws Exception {
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

  static void awaitReady(CaServer ca) throws Exception {
    assertThat(awaitProbe(ca, body -> body.startsWith("ready")).statusCode()).isEqualTo(200);
  }

  static HttpResponse<String> awaitProbe(CaServer ca, Predicate<String> wanted) throws Exception {
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

  static HttpResponse<String> get(CaServer ca, String path) throws Exception {
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
