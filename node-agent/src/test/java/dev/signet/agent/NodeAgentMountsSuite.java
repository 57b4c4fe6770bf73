package dev.signet.agent;

import static dev.signet.agent.testing.Fixtures.CA;
import static dev.signet.agent.testing.Fixtures.SHOP;
import static dev.signet.agent.testing.Fixtures.UID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.agent.adapter.linux.TestMounts;
import dev.signet.agent.testing.Collector;
import dev.signet.agent.testing.FakeCa;
import dev.signet.agent.testing.TestAuthority;
import dev.signet.agent.testing.TestNode;
import dev.signet.agent.testing.TestTokens;
import dev.signet.process.StartRefusedException;
import dev.signet.proto.spiffe.SpiffeWorkloadAPIGrpc;
import dev.signet.proto.spiffe.X509SVIDRequest;
import dev.signet.proto.spiffe.X509SVIDResponse;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole agent on a node where it mounts. */
class NodeAgentMountsSuite {
  private static final String POD = UID.value();
  private static final String TOKEN = TestTokens.compact(POD, "one");

  @TempDir Path temporary;

  private final TestAuthority authority = new TestAuthority(SHOP, Instant.now());
  private Path root;
  private TestNode node;
  private FakeCa ca;

  @BeforeEach
  void boot() throws Exception {
    root = temporary.resolve("n");
    TestMounts.shared(root);
    node = new TestNode(root, false);
    Files.createDirectories(node.kubelet().resolve("pods"));
    Files.createDirectories(node.kubelet().resolve("plugins_registry"));
    node.mountBundle(authority.bundle());
    ca = FakeCa.start(authority, CA);
  }

  @AfterEach
  void powerOff() throws Exception {
    ca.close();
    node.close();
    TestMounts.gone(root);
  }

  private Path volume() {
    return node.target(POD, "identity");
  }

  private void publish() throws Exception {
    node.csi().nodePublishVolume(node.publish(POD, "identity", TOKEN).build());
  }

  /** As the pod's program does, by the path of its mount; a link makes that path short enough. */
  private Collector<X509SVIDResponse> fetch() throws Exception {
    Path link = temporary.resolve("v");
    if (!Files.isSymbolicLink(link)) {
      Files.createSymbolicLink(link, volume());
    }
    var stream = new Collector<X509SVIDResponse>();
    SpiffeWorkloadAPIGrpc.newStub(node.client().workload(link.resolve("api.sock")))
        .fetchX509SVID(X509SVIDRequest.getDefaultInstance(), stream);
    return stream;
  }

  @Test
  void pod_getsItsSvidByItsMount() throws Exception {
    try (NodeAgent _ = node.start(ca.port())) {
      publish();

      assertThat(TestMounts.at(volume()))
          .singleElement()
          .satisfies(mount -> assertThat(mount.options()).contains("ro"));
      assertThat(fetch().next().getSvidsCount()).isEqualTo(1);
    }
  }

  /** F19: kubelet forgets what it published each time it starts. */
  @Test
  void fiftyPublishes_mountOnce() throws Exception {
    try (NodeAgent _ = node.start(ca.port())) {
      var csi = node.csi();
      for (int i = 0; i < 50; i++) {
        csi.nodePublishVolume(node.publish(POD, "identity", TOKEN).build());
      }
      Collector<X509SVIDResponse> stream = fetch();
      stream.next();

      assertThat(TestMounts.at(volume())).hasSize(1);
      assertThat(TestMounts.ofAgents()).as("the tmpfs and the volume").isEqualTo(2);

      node.csi().nodeUnpublishVolume(node.unpublish(POD, "identity"));

      assertThat(stream.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(volume()).doesNotExist();
      assertThat(TestMounts.ofAgents()).isEqualTo(1);
      node.csi().nodeUnpublishVolume(node.unpublish(POD, "identity"));
    }
  }

  @Test
  void mount_outlivesTheAgent_andShowsTheNextOnesSocket() throws Exception {
    try (NodeAgent _ = node.start(ca.port())) {
      publish();
      fetch().next();
    }
    assertThat(TestMounts.at(volume())).hasSize(1);
    long mount = TestMounts.at(volume()).getFirst().id();

    try (NodeAgent _ = node.start(ca.port())) {
      publish();

      assertThat(fetch().next().getSvidsCount()).isEqualTo(1);
      assertThat(TestMounts.at(volume()))
          .singleElement()
          .satisfies(same -> assertThat(same.id()).isEqualTo(mount));
      assertThat(TestMounts.at(node.run())).hasSize(1);
    }
  }

  /** F43: the mount is the evidence that a volume is live, also after a restart. */
  @Test
  void faultyRepublishOfALiveVolume_isOk_andTheMountStays() throws Exception {
    try (NodeAgent _ = node.start(ca.port())) {
      publish();
    }
    try (NodeAgent _ = node.start(ca.port())) {
      var csi = node.csi();
      var faulty = node.publish(POD, "identity", TOKEN).clearSecrets().build();
      for (int i = 0; i < 100; i++) {
        csi.nodePublishVolume(faulty);
      }
      assertThat(TestMounts.at(volume())).hasSize(1);
    }
  }

  @Test
  void folderThatIsNotKubelets_isRefusedWithTheMend() throws Exception {
    Files.delete(node.kubelet().resolve("pods"));

    assertThatThrownBy(() -> node.start(ca.port()))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("has no folder pods")
        .hasMessageContaining("--root-dir");
  }

  @Test
  void nodeThatSeesNoMounts_isRefusedWithTheMend() throws Exception {
    TestMounts.unshared(node.run());

    assertThatThrownBy(() -> node.start(ca.port()))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("mountPropagation: Bidirectional");
  }
}
