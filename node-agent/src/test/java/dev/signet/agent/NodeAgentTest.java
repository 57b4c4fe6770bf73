package dev.signet.agent;

import static dev.signet.agent.testing.Fixtures.AGENT;
import static dev.signet.agent.testing.Fixtures.CART;
import static dev.signet.agent.testing.Fixtures.SHOP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.agent.testing.Collector;
import dev.signet.agent.testing.FakeCa;
import dev.signet.agent.testing.TestNode;
import dev.signet.agent.testing.TestTokens;
import dev.signet.proto.kubelet.pluginregistration.InfoRequest;
import dev.signet.proto.kubelet.pluginregistration.RegistrationGrpc;
import dev.signet.proto.kubelet.pluginregistration.RegistrationStatus;
import dev.signet.proto.spiffe.X509SVIDResponse;
import dev.signet.spiffe.X509Bundle;
import dev.signet.spiffe.X509Svid;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** From kubelet's calls to what pods get. */
class NodeAgentTest extends AgentFixture {
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
}
