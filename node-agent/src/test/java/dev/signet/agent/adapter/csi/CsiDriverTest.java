package dev.signet.agent.adapter.csi;

import static dev.signet.agent.testing.Fixtures.CA;
import static dev.signet.agent.testing.Fixtures.OTHER_UID;
import static dev.signet.agent.testing.Fixtures.SHOP;
import static dev.signet.agent.testing.Fixtures.UID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.signet.agent.NodeAgent;
import dev.signet.agent.testing.FakeCa;
import dev.signet.agent.testing.TestAuthority;
import dev.signet.agent.testing.TestNode;
import dev.signet.agent.testing.TestTokens;
import dev.signet.proto.csi.v1.GetPluginCapabilitiesRequest;
import dev.signet.proto.csi.v1.GetPluginCapabilitiesResponse;
import dev.signet.proto.csi.v1.GetPluginInfoRequest;
import dev.signet.proto.csi.v1.IdentityGrpc;
import dev.signet.proto.csi.v1.NodeGetCapabilitiesRequest;
import dev.signet.proto.csi.v1.NodeGetInfoRequest;
import dev.signet.proto.csi.v1.NodePublishVolumeRequest;
import dev.signet.proto.csi.v1.NodeUnpublishVolumeRequest;
import dev.signet.proto.csi.v1.ProbeRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Kubelet's calls over the CSI socket: what is told, what is refused and with which code. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CsiDriverTest {
  private static final String POD = UID.value();
  private static final String TOKEN = TestTokens.compact(POD, "one");

  private TestNode node;
  private FakeCa ca;
  private NodeAgent agent;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    TestAuthority authority = new TestAuthority(SHOP, Instant.now());
    node = new TestNode(folder);
    node.mountBundle(authority.bundle());
    ca = FakeCa.start(authority, CA);
    agent = node.start(ca.port());
  }

  @AfterAll
  void stop() {
    agent.close();
    ca.close();
    node.close();
  }

  @Test
  void driver_tellsItsNameAndNoMoreThanItCan() {
    var identity = IdentityGrpc.newBlockingStub(node.client().plain(node.csiSocket()));

    assertThat(identity.getPluginInfo(GetPluginInfoRequest.getDefaultInstance()).getName())
        .isEqualTo("csi.signet.dev");
    assertThat(identity.getPluginCapabilities(GetPluginCapabilitiesRequest.getDefaultInstance()))
        .isEqualTo(GetPluginCapabilitiesResponse.getDefaultInstance());
    assertThat(identity.probe(ProbeRequest.getDefaultInstance()).getReady().getValue()).isTrue();
    assertThat(node.csi().nodeGetInfo(NodeGetInfoRequest.getDefaultInstance()).getNodeId())
        .isEqualTo("node-1");
    assertThat(
            node.csi()
                .nodeGetCapabilities(NodeGetCapabilitiesRequest.getDefaultInstance())
                .getCapabilitiesList())
        .isEmpty();
  }

  @Test
  void foldersOfTheSockets_areForTheAgentsUserAlone() throws Exception {
    assertThat(permissions(node.kubelet().resolve("plugins/csi.signet.dev")))
        .isEqualTo("rwx------");
    assertThat(permissions(node.kubelet().resolve("plugins_registry"))).isEqualTo("rwx------");
    assertThat(permissions(node.csiSocket())).isEqualTo("rw-------");
    assertThat(permissions(node.registrationSocket())).isEqualTo("rw-------");
  }

  private static String permissions(Path path) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void faultOfTheCall_isInvalidArgument_andNamed() throws Exception {
    StatusRuntimeException refusal =
        refused(node.publish(POD, "a", TOKEN).putVolumeContext("audience", "x").build());

    assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(refusal.getStatus().getDescription())
        .isEqualTo(
            "UNKNOWN_KEY: unknown key \"audience\" in volumeAttributes: the volume takes no attributes");
  }

  @Test
  void missingToken_isUnavailable_soThatKubeletTriesAgain() throws Exception {
    assertThat(refused(node.publish(POD, "a", TOKEN).clearSecrets().build()).getStatus().getCode())
        .isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void otherContentAtTheTarget_isAlreadyExists() throws Exception {
    NodePublishVolumeRequest request = node.publish(POD, "occupied", TOKEN).build();
    Files.createDirectory(node.target(POD, "occupied"));

    assertThat(refused(request).getStatus().getCode()).isEqualTo(Status.Code.ALREADY_EXISTS);
  }

  @Test
  void tokenOfANeighbour_isRefused() throws Exception {
    String neighbours = TestTokens.compact(OTHER_UID.value(), "x");

    StatusRuntimeException refusal = refused(node.publish(POD, "a", neighbours).build());

    assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(refusal.getStatus().getDescription())
        .startsWith("TOKEN_OF_ANOTHER_POD")
        .doesNotContain(neighbours);
  }

  @Test
  void oversizedRequest_isRefusedUnread() throws Exception {
    assertThat(
            refused(
                    node.publish(POD, "a", TOKEN)
                        .putVolumeContext("x", "y".repeat(200_000))
                        .build())
                .getStatus()
                .getCode())
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void unpublishOfAnUnknownVolume_isOk_andWithoutItsFieldsIsNot() {
    node.csi()
        .nodeUnpublishVolume(
            NodeUnpublishVolumeRequest.newBuilder()
                .setVolumeId("csi-none")
                .setTargetPath("/none")
                .build());

    assertThat(
            catchThrowableOfType(
                    StatusRuntimeException.class,
                    () ->
                        node.csi()
                            .nodeUnpublishVolume(NodeUnpublishVolumeRequest.getDefaultInstance()))
                .getStatus()
                .getCode())
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  private StatusRuntimeException refused(NodePublishVolumeRequest request) {
    return catchThrowableOfType(
        StatusRuntimeException.class, () -> node.csi().nodePublishVolume(request));
  }
}
