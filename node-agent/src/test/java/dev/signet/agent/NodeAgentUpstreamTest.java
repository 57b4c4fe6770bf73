package dev.signet.agent;

import static dev.signet.agent.testing.Fixtures.AGENT;
import static dev.signet.agent.testing.Fixtures.CA;
import static dev.signet.agent.testing.Fixtures.CART;
import static dev.signet.agent.testing.Fixtures.OTHER_UID;
import static dev.signet.agent.testing.Fixtures.SHOP;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.signet.agent.testing.Collector;
import dev.signet.agent.testing.FakeCa;
import dev.signet.agent.testing.TestAuthority;
import dev.signet.agent.testing.TestNode;
import dev.signet.agent.testing.TestTokens;
import dev.signet.proto.agent.v1.Evidence;
import dev.signet.proto.agent.v1.ReissueOrder;
import dev.signet.proto.agent.v1.Removal;
import dev.signet.proto.agent.v1.SessionRequest;
import dev.signet.proto.agent.v1.SessionResponse;
import dev.signet.proto.spiffe.X509BundlesResponse;
import dev.signet.proto.spiffe.X509SVIDResponse;
import dev.signet.spiffe.X509Bundle;
import dev.signet.spiffe.X509Svid;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The agent and its CA: trust, attestation, session, rotation. */
class NodeAgentUpstreamTest extends AgentFixture {
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
    awaitReport(SessionRequest::hasHello);
  }

  /**
   * Until then the pods of a node whose object was created anew would wait for half an hour (F24).
   */
  @Test
  void nodeThatWasCreatedAnew_isAttestedAgainOnceTheTokenIsNew() throws Exception {
    ca.nextAttestation();
    ca.decide(_ -> FakeCa.refuse("NODE_UID_MISMATCH", true));
    node.csi().nodePublishVolume(node.publish(POD, "identity", TOKEN).build());
    ca.nextBatch();
    ca.nextBatch();
    assertThat(ca.attestationsSoFar()).isZero();
    String fresh = TestTokens.compact("11111111-2222-3333-4444-555555555555", "fresh");

    node.agentToken(fresh);

    assertThat(ca.nextAttestation().getToken()).isEqualTo(fresh);
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
  void attestationThatEndsWithoutAnAnswer_isTriedAgain() throws Exception {
    ca.nextAttestation();
    agent.close();
    ca.emptyAttestation(true);
    agent = node.start(ca.port());
    ca.nextAttestation();

    ca.nextAttestation();
    ca.emptyAttestation(false);

    awaitPage("/readyz", page -> page.contains("[+] ca-session"));
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
  void orderedReissue_reachesStreams_andTheCaHearsWhoShowsWhat() throws Exception {
    ca.nextAttestation();
    node.csi().nodePublishVolume(node.publish(POD, "identity", TOKEN).build());
    Collector<X509SVIDResponse> stream = fetch(POD, "identity");
    String first = serial(stream.next());
    awaitReport(report -> shows(report, Evidence.EVIDENCE_SENT, first));
    TestAuthority next = authority.anotherIssuer();
    ca.issueBy(next);

    ca.send(
        SessionResponse.newBuilder()
            .setReissue(
                ReissueOrder.newBuilder()
                    .addAuthorityKeyIds(
                        ByteString.copyFrom(HexFormat.of().parseHex(authority.issuerKeyId()))))
            .build());

    String second = serial(stream.next());
    assertThat(second).isNotEqualTo(first);
    awaitReport(report -> shows(report, Evidence.EVIDENCE_SENT, second));
    ca.nextAttestation();
  }

  private static String serial(X509SVIDResponse message) {
    var svid = message.getSvids(0);
    return X509Svid.parse(svid.getX509Svid().toByteArray(), svid.getX509SvidKey().toByteArray())
        .serial();
  }

  private static boolean shows(SessionRequest report, Evidence evidence, String serial) {
    return Stream.concat(
            report.getAcknowledgement().getPodsList().stream(),
            report.getHello().getState().getPodsList().stream())
        .filter(pod -> pod.getPodUid().equals(POD))
        .flatMap(pod -> pod.getConsumersList().stream())
        .anyMatch(shown ->
            shown.getEvidence() == evidence
                && shown.getCount() == 1
                && shown.getRevision() == 1
                && shown.getSerial().equals(serial));
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
}
