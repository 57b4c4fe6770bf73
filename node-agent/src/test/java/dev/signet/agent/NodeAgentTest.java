package dev.signet.agent;

import static dev.signet.agent.testing.Fixtures.AGENT;
import static dev.signet.agent.testing.Fixtures.CA;
import static dev.signet.agent.testing.Fixtures.CART;
import static dev.signet.agent.testing.Fixtures.OTHER_UID;
import static dev.signet.agent.testing.Fixtures.SHOP;
import static dev.signet.agent.testing.Fixtures.UID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.signet.agent.testing.CapturedLog;
import dev.signet.agent.testing.Collector;
import dev.signet.agent.testing.FakeCa;
import dev.signet.agent.testing.TestAuthority;
import dev.signet.agent.testing.TestNode;
import dev.signet.agent.testing.TestTokens;
import dev.signet.proto.agent.v1.Removal;
import dev.signet.proto.agent.v1.SessionRequest;
import dev.signet.proto.agent.v1.SessionResponse;
import dev.signet.proto.kubelet.pluginregistration.InfoRequest;
import dev.signet.proto.kubelet.pluginregistration.RegistrationGrpc;
import dev.signet.proto.kubelet.pluginregistration.RegistrationStatus;
import dev.signet.proto.spiffe.SpiffeWorkloadAPIGrpc;
import dev.signet.proto.spiffe.X509BundlesRequest;
import dev.signet.proto.spiffe.X509BundlesResponse;
import dev.signet.proto.spiffe.X509SVIDRequest;
import dev.signet.proto.spiffe.X509SVIDResponse;
import dev.signet.spiffe.X509Bundle;
import dev.signet.spiffe.X509Svid;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole agent between kubelet's calls, a CA over TLS, and plain clients on pods' sockets. */
class NodeAgentTest {
  private static final String POD = UID.value();
  private static final String TOKEN = TestTokens.compact(POD, "one");

  @TempDir Path folder;

  private final TestAuthority authority = new TestAuthority(SHOP, Instant.now());
  private TestNode node;
  private FakeCa ca;
  private NodeAgent agent;

  @BeforeEach
  void start() throws Exception {
    node = new TestNode(folder);
    node.mountBundle(authority.bundle());
    ca = FakeCa.start(authority, CA);
    agent = node.start(ca.port());
  }

  @AfterEach
  void stop() {
    agent.close();
    ca.close();
    node.close();
  }

  @Test
  void publishedPod_getsItsSvidOnItsSocket() throws Exception {
    node.csi().nodePublishVolume(node.publish(POD, "identity", TOKEN).build());

    X509SVIDResponse answer = fetch(POD, "identity").next();

    var only = answer.getSvids(0);
    X509Svid svid =
        X509Svid.parse(only.getX509Svid().toByteArray(), only.getX509SvidKey().toByteArray());
    assertThat(svid.id()).isEqualTo(CART);
    assertThat(X509Bundle.parse(SHOP, only.getBundle().toByteArray()))
        .isEqualTo(authority.bundle());
    assertThat(ca.nextCaller()).isEqualTo(AGENT.toString());
    assertThat(ca.nextBatch().getItems(0).getToken()).isEqualTo(TOKEN);
  }

  @Test
  void publishToSvidOnAnOpenStream_isUnderAHundredMillisecondsOnceWarm() throws Exception {
    long best = Long.MAX_VALUE;
    for (int i = 0; i < 10; i++) {
      String uid = "00000000-0000-4000-8000-00000000000" + i;
      var request = node.publish(uid, "identity", TestTokens.compact(uid, "t")).build();
      var csi = node.csi();
      long start = System.nanoTime();
      csi.nodePublishVolume(request);
      fetch(uid, "identity").next();
      best = Math.min(best, System.nanoTime() - start);
    }
    assertThat(Duration.ofNanos(best)).isLessThan(Duration.ofMillis(100));
  }

  @Test
  void kubelet_findsTheDriverOnItsRegistrationSocket() throws Exception {
    var registration =
        RegistrationGrpc.newBlockingStub(node.client().plain(node.registrationSocket()));

    var info = registration.getInfo(InfoRequest.getDefaultInstance());
    assertThat(info.getType()).isEqualTo("CSIPlugin");
    assertThat(info.getName()).isEqualTo("csi.signet.dev");
    assertThat(info.getEndpoint()).isEqualTo(node.csiSocket().toString());
    assertThat(info.getSupportedVersionsList()).containsExactly("1.0.0");

    registration.notifyRegistrationStatus(
        RegistrationStatus.newBuilder().setPluginRegistered(true).build());
    ca.nextReport();
    awaitPage("/readyz", page -> page.startsWith("ready"));
    registration.notifyRegistrationStatus(
        RegistrationStatus.newBuilder().setError("another driver").build());
    awaitPage("/readyz", page -> page.contains("kubelet refused the driver: another driver"));
  }

  @Test
  void unpublish_endsConnectionsAndFolder_andIsIdempotent() throws Exception {
    node.csi().nodePublishVolume(node.publish(POD, "identity", TOKEN).build());
    Path volume = node.target(POD, "identity").toRealPath();
    Collector<X509SVIDResponse> stream = fetch(POD, "identity");
    stream.next();

    node.csi().nodeUnpublishVolume(node.unpublish(POD, "identity"));

    assertThat(stream.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(volume).doesNotExist();
    assertThat(volume.getParent()).doesNotExist();
    assertThat(node.target(POD, "identity").toFile()).doesNotExist();
    assertThat(node.target(POD, "identity").getParent()).exists();
    node.csi().nodeUnpublishVolume(node.unpublish(POD, "identity"));
    awaitReport(report -> ended(report).contains(POD));
  }

  @Test
  void republishWithAFault_isOkAndChangesNothing() throws Exception {
    node.csi().nodePublishVolume(node.publish(POD, "identity", TOKEN).build());
    Collector<X509SVIDResponse> stream = fetch(POD, "identity");
    stream.next();

    node.csi()
        .nodePublishVolume(
            node.publish(POD, "identity", TOKEN)
                .clearSecrets()
                .putVolumeContext("planted", "x")
                .build());

    assertThat(stream.isOpen()).isTrue();
    assertThat(TestNode.page(agent, "/metrics"))
        .contains("signet_republish_errors_total{reason=\"UNKNOWN_KEY\"} 1.0");
  }

  @Test
  void restartedAgent_servesTheLiveVolumeInTheSameFolderAtTheNextRepublish() throws Exception {
    node.csi().nodePublishVolume(node.publish(POD, "identity", TOKEN).build());
    Collector<X509SVIDResponse> stream = fetch(POD, "identity");
    stream.next();
    Path volume = node.target(POD, "identity").toRealPath();

    agent.close();
    assertThat(stream.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(node.registrationSocket()).doesNotExist();
    agent = node.start(ca.port());
    node.csi().nodePublishVolume(node.publish(POD, "identity", TOKEN).build());

    assertThat(node.target(POD, "identity").toRealPath()).isEqualTo(volume);
    assertThat(fetch(POD, "identity").next().getSvidsCount()).isEqualTo(1);
  }

  @Test
  void restartedAgent_answersAFaultyRepublishOfALiveVolumeWithOk() throws Exception {
    node.csi().nodePublishVolume(node.publish(POD, "identity", TOKEN).build());
    agent.close();
    agent = node.start(ca.port());

    node.csi().nodePublishVolume(node.publish(POD, "identity", TOKEN).clearSecrets().build());

    assertThat(TestNode.page(agent, "/metrics"))
        .contains("signet_republish_errors_total{reason=\"TOKEN_MISSING\"} 1.0");
  }

  @Test
  void shortLivedSvid_isRenewedWithANewKeyOnTheOpenStream() throws Exception {
    ca.decide(_ -> new FakeCa.Decision.Grant(CART, Duration.ofSeconds(2)));
    node.csi().nodePublishVolume(node.publish(POD, "identity", TOKEN).build());
    Collector<X509SVIDResponse> stream = fetch(POD, "identity");

    var first = stream.next().getSvids(0);
    var second = stream.next().getSvids(0);

    assertThat(second.getX509Svid()).isNotEqualTo(first.getX509Svid());
    assertThat(second.getX509SvidKey()).isNotEqualTo(first.getX509SvidKey());
  }

  @Test
  void decidedRefusal_isPermissionDenied_andARefreshedTokenHealsIt() throws Exception {
    String good = TestTokens.compact(POD, "good");
    ca.decide(token ->
        token.equals(good)
            ? new FakeCa.Decision.Grant(CART, Duration.ofHours(1))
            : FakeCa.refuse("ACCOUNT_NOT_ALLOWED", false));
    node.csi().nodePublishVolume(node.publish(POD, "identity", TOKEN).build());
    Status refused = fetch(POD, "identity").end();
    assertThat(refused.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(refused.getDescription()).isEqualTo("ACCOUNT_NOT_ALLOWED");

    node.csi().nodePublishVolume(node.publish(POD, "identity", good).build());

    // A refused stream may still see the refusal while the new answer is on its way.
    ca.nextBatch();
    ca.nextBatch();
    awaitReport(report -> leaf(report, POD).length() > 0);
    assertThat(fetch(POD, "identity").next().getSvidsCount()).isEqualTo(1);
  }

  @Test
  void bundleRevision_reachesStreamsWithoutAnIssuance_andLowerOnesAreRefused() throws Exception {
    node.csi().nodePublishVolume(node.publish(POD, "identity", TOKEN).build());
    Collector<X509SVIDResponse> stream = fetch(POD, "identity");
    var first = stream.next().getSvids(0);
    ca.nextBatch();
    TestAuthority next = new TestAuthority(SHOP, Instant.now());

    ca.publish(2, authority.bundleWith(next));

    var second = stream.next().getSvids(0);
    assertThat(second.getX509Svid()).isEqualTo(first.getX509Svid());
    assertThat(X509Bundle.parse(SHOP, second.getBundle().toByteArray()).authorities()).hasSize(2);
    awaitReport(report ->
        report.getAcknowledgement().getRevision() == 2
            && report.getAcknowledgement().getCountsList().stream()
                .anyMatch(count -> count.getHolding() == 1 && count.getTotal() == 1));

    ca.publish(1, authority.bundle());
    awaitReport(report -> report.getProblem().getCode().equals("BUNDLE_OLDER"));
    ca.publish(2, next.bundle());
    awaitReport(report -> report.getProblem().getCode().equals("BUNDLE_CONFLICTING"));
    assertThat(stream.rest()).isEmpty();
    assertThat(TestNode.page(agent, "/metrics"))
        .contains("signet_bundle_revision{holder=\"agent\"} 2.0")
        .contains("signet_bundle_refused_total{reason=\"OLDER\"} 1.0");
  }

  @Test
  void svidUnderARootThatTheBundleLacks_isServedOnlyWithTheBundleThatHasIt() throws Exception {
    TestAuthority next = new TestAuthority(SHOP, Instant.now());
    ca.nextReport();
    ca.issueBy(next);
    node.csi().nodePublishVolume(node.publish(POD, "identity", TOKEN).build());
    Collector<X509SVIDResponse> stream = fetch(POD, "identity");
    ca.nextBatch();
    assertThat(stream.rest()).isEmpty();

    ca.publish(2, authority.bundleWith(next));

    var svid = stream.next().getSvids(0);
    assertThat(X509Bundle.parse(SHOP, svid.getBundle().toByteArray()).authorities())
        .contains(next.root());
  }

  @Test
  void removedPod_getsNoNewSvid_butBundlesFlowOn() throws Exception {
    ca.decide(_ -> new FakeCa.Decision.Grant(CART, Duration.ofSeconds(3)));
    node.csi().nodePublishVolume(node.publish(POD, "identity", TOKEN).build());
    Collector<X509SVIDResponse> svids = fetch(POD, "identity");
    svids.next();
    Collector<X509BundlesResponse> bundle = fetchBundles(POD, "identity");
    bundle.next();
    ca.nextBatch();

    ca.send(
        SessionResponse.newBuilder()
            .setRemoval(
                Removal.newBuilder().setPodUid(POD).setCause(Removal.Cause.CAUSE_TERMINATING))
            .build());
    ca.publish(2, authority.bundleWith(new TestAuthority(SHOP, Instant.now())));

    assertThat(bundle.next().getBundlesCount()).isEqualTo(1);
    // When the SVID has ended the stream ends, too: nothing will come any more.
    assertThat(svids.end().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(bundle.isOpen()).isTrue();
  }

  @Test
  void caAwayAndBack_keepsTheSvid_andIssuesAgain() throws Exception {
    node.csi().nodePublishVolume(node.publish(POD, "identity", TOKEN).build());
    Collector<X509SVIDResponse> stream = fetch(POD, "identity");
    stream.next();
    int port = ca.port();
    ca.close();
    awaitPage("/readyz", page -> page.contains("ca-session: the session with the CA ended"));
    String other = OTHER_UID.value();
    node.csi()
        .nodePublishVolume(
            node.publish(other, "identity", TestTokens.compact(other, "two")).build());
    Collector<X509SVIDResponse> waiting = fetch(other, "identity");

    ca = FakeCa.start(authority, authority.svid(CA), port);

    assertThat(waiting.next().getSvidsCount()).isEqualTo(1);
    assertThat(stream.isOpen()).isTrue();
    SessionRequest hello = ca.nextReport();
    assertThat(hello.hasHello()).isTrue();
    assertThat(hello.getHello().getState().getPodsList())
        .anySatisfy(pod -> {
          assertThat(pod.getPodUid()).isEqualTo(POD);
          assertThat(pod.getSerial()).isNotEmpty();
        });
    assertThat(hello.getHello().getState().getRevision()).isEqualTo(1);
  }

  @Test
  void agentThatIsNotLiveAnyMore_attestsAgain() throws Exception {
    ca.nextAttestation();
    ca.nextReport();

    ca.endSession(Status.UNAUTHENTICATED.withDescription("AGENT_NOT_LIVE"));

    assertThat(ca.nextAttestation().getToken()).isNotEmpty();
    assertThat(ca.nextReport().hasHello()).isTrue();
  }

  @Test
  void agentSvid_isRenewedWithTheTokenTheFileHasThen() throws Exception {
    ca.nextAttestation();
    agent.close();
    ca.agentLife(Duration.ofSeconds(2));
    agent = node.start(ca.port());
    ca.nextAttestation();
    String fresh = TestTokens.compact("11111111-2222-3333-4444-555555555555", "fresh");
    node.agentToken(fresh);

    assertThat(ca.nextAttestation().getToken()).isEqualTo(fresh);
  }

  @Test
  void serverThatIsNotTheCa_getsNoToken() throws Exception {
    agent.close();
    for (FakeCa other :
        List.of(
            FakeCa.start(authority, CART),
            FakeCa.start(authority, AGENT),
            FakeCa.start(new TestAuthority(SHOP, Instant.now()), CA))) {
      try (other;
          NodeAgent deceived = node.start(other.port())) {
        awaitPage(deceived, "/readyz", page -> page.contains("CA_NOT_TRUSTED"));
        assertThat(other.attestationsSoFar()).isZero();
      }
    }
  }

  @Test
  void mountedBundle_isReadAtEachDial() throws Exception {
    agent.close();
    TestAuthority wrong = new TestAuthority(SHOP, Instant.now());
    node.mountBundle(wrong.bundle());
    agent = node.start(ca.port());
    awaitPage("/readyz", page -> page.contains("CA_NOT_TRUSTED"));

    node.mountBundle(authority.bundle());

    awaitPage("/readyz", page -> page.contains("[+] ca-session"));
  }

  @Test
  void everythingAtTrace_showsNoTokenAndNoKey() throws Exception {
    try (CapturedLog log = CapturedLog.atTrace()) {
      ca.decide(token ->
          token.equals(TOKEN)
              ? new FakeCa.Decision.Grant(CART, Duration.ofSeconds(2))
              : FakeCa.refuse("TOKEN_REFUSED", false));
      node.csi().nodePublishVolume(node.publish(POD, "identity", TOKEN).build());
      Collector<X509SVIDResponse> stream = fetch(POD, "identity");
      byte[] key = stream.next().getSvids(0).getX509SvidKey().toByteArray();
      byte[] renewed = stream.next().getSvids(0).getX509SvidKey().toByteArray();
      String other = OTHER_UID.value();
      String refused = TestTokens.compact(other, "refused");
      node.csi().nodePublishVolume(node.publish(other, "identity", refused).build());
      fetch(other, "identity").end();
      var bad = node.publish(POD, "second", TOKEN).putVolumeContext("x", "y").build();
      assertThat(catchThrowable(() -> node.csi().nodePublishVolume(bad))).isNotNull();

      assertThat(log.lines()).anyMatch(line -> line.contains("SVID ready"));
      for (String line : log.lines()) {
        assertNoPart(line, TOKEN);
        assertNoPart(line, refused);
        for (byte[] secret : List.of(key, renewed)) {
          // The scalar starts at byte 36 of a P-256 key in PKCS#8.
          byte[] scalar = Arrays.copyOfRange(secret, 36, 68);
          assertThat(line).doesNotContain(HexFormat.of().formatHex(scalar, 0, 8));
          assertThat(line)
              .doesNotContain(Base64.getEncoder().encodeToString(scalar).substring(0, 12));
        }
      }
    }
  }

  private static void assertNoPart(String line, String token) {
    for (String part : token.split("\\.", -1)) {
      assertThat(line).doesNotContain(part);
    }
    // A hex dump of a frame, as gRPC's transport would print it.
    byte[] payload = token.substring(token.indexOf('.')).getBytes(StandardCharsets.US_ASCII);
    assertThat(line).doesNotContain(HexFormat.of().formatHex(payload, 0, 12));
  }

  private Collector<X509SVIDResponse> fetch(String uid, String volume) throws Exception {
    var stream = new Collector<X509SVIDResponse>();
    SpiffeWorkloadAPIGrpc.newStub(
            node.client().workload(node.target(uid, volume).toRealPath().resolve("api.sock")))
        .fetchX509SVID(X509SVIDRequest.getDefaultInstance(), stream);
    return stream;
  }

  private Collector<X509BundlesResponse> fetchBundles(String uid, String volume) throws Exception {
    var stream = new Collector<X509BundlesResponse>();
    SpiffeWorkloadAPIGrpc.newStub(
            node.client().workload(node.target(uid, volume).toRealPath().resolve("api.sock")))
        .fetchX509Bundles(X509BundlesRequest.getDefaultInstance(), stream);
    return stream;
  }

  private void awaitReport(Predicate<SessionRequest> wanted) throws InterruptedException {
    for (int i = 0; i < 100; i++) {
      if (wanted.test(ca.nextReport())) {
        return;
      }
    }
    throw new AssertionError("no such report among a hundred");
  }

  private static List<String> ended(SessionRequest report) {
    return report.getAcknowledgement().getEndedPodsList();
  }

  private static String leaf(SessionRequest report, String uid) {
    return report.getAcknowledgement().getPodsList().stream()
        .filter(pod -> pod.getPodUid().equals(uid))
        .map(pod -> pod.getSerial())
        .findFirst()
        .orElse("");
  }

  private void awaitPage(String path, Predicate<String> wanted) throws Exception {
    awaitPage(agent, path, wanted);
  }

  private static void awaitPage(NodeAgent of, String path, Predicate<String> wanted)
      throws Exception {
    Instant end = Instant.now().plusSeconds(10);
    String page = TestNode.page(of, path);
    while (!wanted.test(page)) {
      assertThat(Instant.now()).as(page).isBefore(end);
      page = TestNode.page(of, path);
    }
  }
}
