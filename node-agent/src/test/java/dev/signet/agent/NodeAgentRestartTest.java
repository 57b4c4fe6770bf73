package dev.signet.agent;

import static dev.signet.agent.testing.Fixtures.CA;
import static dev.signet.agent.testing.Fixtures.CART;
import static dev.signet.agent.testing.Fixtures.OTHER_UID;
import static dev.signet.agent.testing.Fixtures.SHOP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.agent.testing.CapturedLog;
import dev.signet.agent.testing.Collector;
import dev.signet.agent.testing.FakeCa;
import dev.signet.agent.testing.TestAuthority;
import dev.signet.agent.testing.TestNode;
import dev.signet.agent.testing.TestTokens;
import dev.signet.proto.agent.v1.SessionRequest;
import dev.signet.proto.spiffe.X509SVID;
import dev.signet.proto.spiffe.X509SVIDResponse;
import dev.signet.spiffe.X509Bundle;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An agent that starts again under running pods (FAULTS.md F17, F18, F43). */
class NodeAgentRestartTest extends AgentFixture {
  @Test
  void restartWithTheCaDown_servesTheSameSvidAndBundleAtOnce_withoutARepublish() throws Exception {
    X509SVID before = published();
    int port = ca.port();
    ca.close();

    agent.close();
    agent = node.start(port);

    X509SVID after = fetch(POD, "identity").next().getSvids(0);
    assertThat(after).isEqualTo(before);
    assertThat(fetchBundles(POD, "identity").next().getBundlesCount()).isEqualTo(1);
    assertThat(TestNode.page(agent, "/metrics"))
        .contains("signet_recovered_volumes_total{result=\"SERVED\"} 1.0")
        .contains("signet_bundle_revision{holder=\"agent\"} 1.0")
        .contains("signet_agent_volumes 1.0");
  }

  @Test
  void restart_causesNoSignature_evenWhenKubeletPublishesAgain_andTheCaIsTold() throws Exception {
    X509SVID before = published();
    ca.nextBatch();
    agent.close();
    int port = ca.port();
    ca.close();
    ca = FakeCa.start(authority, authority.svid(CA), port);
    agent = node.start(port);

    SessionRequest hello = ca.nextReport();
    assertThat(hello.getHello().getState().getPodsList())
        .anySatisfy(pod -> {
          assertThat(pod.getPodUid()).isEqualTo(POD);
          assertThat(pod.getSerial()).isNotEmpty();
        });
    node.csi().nodePublishVolume(node.publish(POD, "identity", TOKEN).build());
    String other = OTHER_UID.value();
    node.csi()
        .nodePublishVolume(
            node.publish(other, "identity", TestTokens.compact(other, "two")).build());

    fetch(other, "identity").next();
    assertThat(fetch(POD, "identity").next().getSvids(0)).isEqualTo(before);
    // The other pod's, and nothing else.
    assertThat(ca.nextBatch().getItemsCount()).isEqualTo(1);
    assertThat(ca.batchesSoFar()).isZero();
  }

  @Test
  void recoveredSvid_isRenewedOnceKubeletHasBroughtAToken() throws Exception {
    ca.decide(_ -> new FakeCa.Decision.Grant(CART, Duration.ofSeconds(4)));
    X509SVID before = published();
    restart();
    Collector<X509SVIDResponse> stream = fetch(POD, "identity");
    assertThat(stream.next().getSvids(0)).isEqualTo(before);

    node.csi().nodePublishVolume(node.publish(POD, "identity", TOKEN).build());

    assertThat(stream.next().getSvids(0).getX509Svid()).isNotEqualTo(before.getX509Svid());
  }

  @Test
  void bundleOfTheSession_replacesTheRestoredOne() throws Exception {
    X509SVID before = published();
    agent.close();
    int port = ca.port();
    ca.close();
    ca = FakeCa.start(authority, authority.svid(CA), port);
    ca.publish(2, authority.bundleWith(new TestAuthority(SHOP, Instant.now())));
    agent = node.start(port);
    awaitPage("/metrics", page -> page.contains("signet_bundle_revision{holder=\"agent\"} 2.0"));

    X509SVID after = fetch(POD, "identity").next().getSvids(0);

    assertThat(after.getX509Svid()).isEqualTo(before.getX509Svid());
    assertThat(X509Bundle.parse(SHOP, after.getBundle().toByteArray()).authorities()).hasSize(2);
  }

  @Test
  void orderlyStop_keepsFolderLinkAndRecord_andUnpublishTakesThemAway() throws Exception {
    published();
    Path volume = node.target(POD, "identity").toRealPath();

    agent.close();

    assertThat(node.target(POD, "identity")).isSymbolicLink();
    assertThat(volume).isDirectory();
    assertThat(record()).isRegularFile();
    assertThat(permissions(record())).isEqualTo("rw-------");
    assertThat(permissions(node.run().resolve("state"))).isEqualTo("rwx------");

    agent = node.start(ca.port());
    assertThat(node.target(POD, "identity").toRealPath()).isEqualTo(volume);
    Collector<X509SVIDResponse> stream = fetch(POD, "identity");
    stream.next();
    node.csi().nodeUnpublishVolume(node.unpublish(POD, "identity"));

    assertThat(stream.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(record()).doesNotExist();
    assertThat(volume).doesNotExist();
  }

  @Test
  void unpublishWhoseRecordTheAgentNeverTookUp_removesItTheSame() throws Exception {
    published();
    agent.close();
    byte[] left = Files.readAllBytes(record());
    Files.delete(record());
    agent = node.start(ca.port());
    Files.createFile(
        record(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(record(), left);

    node.csi().nodeUnpublishVolume(node.unpublish(POD, "identity"));

    assertThat(record()).doesNotExist();
  }

  @Test
  void volumeThatIsNotMountedAnyMore_isDroppedWithItsKey() throws Exception {
    published();
    agent.close();
    Files.delete(node.target(POD, "identity"));

    agent = node.start(ca.port());

    assertThat(record()).doesNotExist();
    assertThat(TestNode.page(agent, "/metrics"))
        .contains("signet_recovered_volumes_total{result=\"DROPPED\"} 1.0")
        .contains("signet_agent_volumes 0.0");
  }

  @Test
  void placeThatSomethingElseTook_isDroppedWithItsKey_andLeftAlone() throws Exception {
    published();
    agent.close();
    Files.delete(node.target(POD, "identity"));
    Files.createSymbolicLink(node.target(POD, "identity"), folder);

    agent = node.start(ca.port());

    assertThat(record()).doesNotExist();
    assertThat(Files.readSymbolicLink(node.target(POD, "identity"))).isEqualTo(folder);
  }

  @Test
  void lostRecord_isAFreshPublishIntoTheSameFolder() throws Exception {
    X509SVID before = published();
    Path volume = node.target(POD, "identity").toRealPath();
    agent.close();
    Files.delete(record());
    agent = node.start(ca.port());

    node.csi().nodePublishVolume(node.publish(POD, "identity", TOKEN).build());

    assertThat(node.target(POD, "identity").toRealPath()).isEqualTo(volume);
    X509SVID after = fetch(POD, "identity").next().getSvids(0);
    assertThat(after.getX509Svid()).isNotEqualTo(before.getX509Svid());
    assertThat(after.getSpiffeId()).isEqualTo(before.getSpiffeId());
  }

  @Test
  void damagedRecord_isSetAside_andTheOthersAreServed() throws Exception {
    published();
    node.csi().nodePublishVolume(node.publish(POD, "second", TOKEN).build());
    fetch(POD, "second").next();
    agent.close();
    Files.writeString(record(), "damaged");

    agent = node.start(ca.port());

    assertThat(fetch(POD, "second").next().getSvidsCount()).isEqualTo(1);
    assertThat(TestNode.page(agent, "/metrics"))
        .contains("signet_recovered_volumes_total{result=\"SERVED\"} 1.0")
        .contains("signet_recovered_volumes_total{result=\"SET_ASIDE\"} 1.0");
    node.csi().nodePublishVolume(node.publish(POD, "identity", TOKEN).build());
    assertThat(fetch(POD, "identity").next().getSvidsCount()).isEqualTo(1);
  }

  @Test
  void stateThatCannotBeWritten_failsNoPublish_andNoUnpublish() throws Exception {
    awaitPage("/readyz", page -> page.contains("[+] ca-session"));
    Files.move(node.run().resolve("state"), node.run().resolve("elsewhere"));

    node.csi().nodePublishVolume(node.publish(POD, "identity", TOKEN).build());
    assertThat(fetch(POD, "identity").next().getSvidsCount()).isEqualTo(1);

    awaitPage("/metrics", page -> !page.contains("signet_cache_errors_total 0.0"));
    node.csi().nodeUnpublishVolume(node.unpublish(POD, "identity"));
  }

  @Test
  void podThatWaitsForItsSvid_waitsOnAfterTheRestart() throws Exception {
    ca.decide(_ -> FakeCa.refuse("KUBERNETES_UNAVAILABLE", true));
    node.csi().nodePublishVolume(node.publish(POD, "identity", TOKEN).build());
    ca.nextBatch();
    restart();
    Collector<X509SVIDResponse> stream = fetch(POD, "identity");
    ca.decide(_ -> new FakeCa.Decision.Grant(CART, Duration.ofHours(1)));

    node.csi().nodePublishVolume(node.publish(POD, "identity", TOKEN).build());

    assertThat(stream.next().getSvidsCount()).isEqualTo(1);
  }

  @Test
  void restartAtTrace_logsNoKey() throws Exception {
    try (CapturedLog log = CapturedLog.atTrace()) {
      byte[] key = published().getX509SvidKey().toByteArray();
      restart();
      fetch(POD, "identity").next();
      Files.writeString(record(), Files.readString(record()).replace("pod-name", "pod-nome"));
      restart();

      String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key);
      List<String> traces = text.lines().map(line -> line.substring(line.length() / 2)).toList();
      assertThat(log.lines()).anyMatch(line -> line.contains("is not used and moved to"));
      for (String trace : traces) {
        assertThat(log.lines()).noneMatch(line -> line.contains(trace));
      }
    }
  }

  private X509SVID published() throws Exception {
    node.csi().nodePublishVolume(node.publish(POD, "identity", TOKEN).build());
    X509SVID svid = fetch(POD, "identity").next().getSvids(0);
    // Written behind the answer's back: a kill right here costs a signature, and nothing else.
    Instant end = Instant.now().plusSeconds(10);
    while (!isKept("serial: ", record()) || !isKept("revision: 1", record("bundle"))) {
      assertThat(Instant.now()).isBefore(end);
      Thread.onSpinWait();
    }
    return svid;
  }

  private static boolean isKept(String what, Path file) throws IOException {
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS) && Files.readString(file).contains(what);
  }

  private void restart() throws Exception {
    int port = ca.port();
    agent.close();
    agent = node.start(port);
  }

  private Path record() {
    return record(POD + ".identity");
  }

  private Path record(String name) {
    return node.run().resolve("state").resolve(name);
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
