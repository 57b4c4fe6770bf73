package dev.signet.sandbox.kubelet;

import com.google.gson.JsonObject;
import dev.signet.proto.csi.v1.NodePublishVolumeRequest;
import dev.signet.proto.csi.v1.NodeServiceCapability.RPC;
import dev.signet.proto.csi.v1.NodeUnpublishVolumeRequest;
import dev.signet.proto.csi.v1.VolumeCapability;
import dev.signet.sandbox.kubelet.BoundPod.CsiVolume;
import dev.signet.sandbox.kubelet.PodTokens.PodToken;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.models.StorageV1TokenRequest;
import io.kubernetes.client.openapi.models.V1CSIDriver;
import io.kubernetes.client.openapi.models.V1CSIDriverSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Inline CSI volumes: the calls of kubelet's CSI plugin ({@code pkg/volume/csi/csi_mounter.go}), in
 * its shape. Thread-safe for different pods; one pod's calls come one after another.
 */
final class CsiVolumes {
  /**
   * After these the driver may still be at work: the mount folder stays. After any other it is
   * cleaned up.
   */
  private static final Set<Code> NOT_FINAL =
      Set.of(
          Code.UNAVAILABLE,
          Code.ABORTED,
          Code.RESOURCE_EXHAUSTED,
          Code.CANCELLED,
          Code.DEADLINE_EXCEEDED);

  private static final String INFO = "csi.storage.k8s.io/";
  private static final String TOKENS = INFO + "serviceAccount.tokens";

  private final KubeletConfig config;
  private final NodeApi api;
  private final PodTokens tokens;
  private final CsiPlugins plugins;
  private final Set<Path> mounted = ConcurrentHashMap.newKeySet();

  CsiVolumes(KubeletConfig config, NodeApi api, PodTokens tokens, CsiPlugins plugins) {
    this.config = config;
    this.api = api;
    this.tokens = tokens;
    this.plugins = plugins;
  }

  /** The handle that kubelet makes for an inline volume. */
  static String volumeId(String podUid, String volume) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest((podUid + volume).getBytes(StandardCharsets.UTF_8));
      return "csi-" + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This JDK has no SHA-256", e);
    }
  }

  /**
   * Publishes a volume, for the first time or again.
   *
   * @return the target path
   */
  Path publish(BoundPod pod, CsiVolume volume) throws MountException {
    V1CSIDriverSpec driver = driver(volume.driver());
    CsiNode node = node(volume.driver());
    Path target = config.csiTarget(pod.uid(), volume.name());
    try {
      NodePublishVolumeRequest request = request(pod, volume, driver, node.capabilities(), target);
      createParent(target);
      node.publish(request);
      mounted.add(target);
      return target;
    } catch (StatusRuntimeException e) {
      // A volume that is in use keeps its mount whatever a republish answers (issue 121271, fixed
      // in 1.37).
      if (!mounted.contains(target) && !NOT_FINAL.contains(e.getStatus().getCode())) {
        removeMountFolder(target);
      }
      throw new MountException(
          "Driver " + volume.driver() + " did not publish volume " + volume.name() + " of " + pod,
          e);
    }
  }

  /** Whether a publish of this volume may have left something behind. */
  boolean exists(BoundPod pod, CsiVolume volume) {
    return Files.exists(parent(config.csiTarget(pod.uid(), volume.name())));
  }

  void unpublish(BoundPod pod, CsiVolume volume) throws MountException {
    Path target = config.csiTarget(pod.uid(), volume.name());
    try {
      node(volume.driver())
          .unpublish(
              NodeUnpublishVolumeRequest.newBuilder()
                  .setVolumeId(volumeId(pod.uid(), volume.name()))
                  .setTargetPath(target.toString())
                  .build());
    } catch (StatusRuntimeException e) {
      throw new MountException(
          "Driver " + volume.driver() + " did not unpublish volume " + volume.name() + " of " + pod,
          e);
    }
    mounted.remove(target);
    removeMountFolder(target);
  }

  private CsiNode node(String driver) throws MountException {
    return plugins
        .node(driver)
        .orElseThrow(() ->
            new MountException(
                "driver name " + driver + " not found in the list of registered CSI drivers"));
  }

  private V1CSIDriverSpec driver(String name) throws MountException {
    V1CSIDriver driver;
    try {
      driver = api.driver(name);
    } catch (ApiException e) {
      throw new MountException(
          "The CSIDriver object " + name + " cannot be read: no inline volume without it", e);
    }
    List<String> modes = driver.getSpec().getVolumeLifecycleModes();
    if (modes == null || !modes.contains("Ephemeral")) {
      throw new MountException("CSIDriver " + name + " does not support volumes of mode Ephemeral");
    }
    return driver.getSpec();
  }

  private NodePublishVolumeRequest request(
      BoundPod pod,
      CsiVolume volume,
      V1CSIDriverSpec driver,
      Set<RPC.Type> capabilities,
      Path target)
      throws MountException {
    // Kubelet's keys go over the pod author's, and a key that kubelet does not write stays as the
    // author wrote it.
    Map<String, String> context = new HashMap<>(volume.attributes());
    if (Boolean.TRUE.equals(driver.getPodInfoOnMount())) {
      context.put(INFO + "pod.name", pod.name());
      context.put(INFO + "pod.namespace", pod.namespace());
      context.put(INFO + "pod.uid", pod.uid());
      context.put(INFO + "serviceAccount.name", pod.account());
      context.put(INFO + "ephemeral", "true");
    }
    NodePublishVolumeRequest.Builder request =
        NodePublishVolumeRequest.newBuilder()
            .setVolumeId(volumeId(pod.uid(), volume.name()))
            .setTargetPath(target.toString())
            .setReadonly(volume.readOnly())
            .setVolumeCapability(capability(pod, capabilities));
    Optional<String> podTokens = tokens(pod, driver);
    if (podTokens.isPresent()) {
      boolean inSecrets =
          config.knowsTokensInSecrets()
              && Boolean.TRUE.equals(driver.getServiceAccountTokenInSecrets());
      if (inSecrets) {
        request.putSecrets(TOKENS, podTokens.get());
      } else {
        context.put(TOKENS, podTokens.get());
      }
    }
    return request.putAllVolumeContext(context).build();
  }

  private static VolumeCapability capability(BoundPod pod, Set<RPC.Type> capabilities) {
    VolumeCapability.MountVolume.Builder mount = VolumeCapability.MountVolume.newBuilder();
    if (capabilities.contains(RPC.Type.VOLUME_MOUNT_GROUP)) {
      mount.setVolumeMountGroup(pod.fsGroup());
    }
    return VolumeCapability.newBuilder()
        .setMount(mount)
        .setAccessMode(
            VolumeCapability.AccessMode.newBuilder()
                .setMode(
                    capabilities.contains(RPC.Type.SINGLE_NODE_MULTI_WRITER)
                        ? VolumeCapability.AccessMode.Mode.SINGLE_NODE_MULTI_WRITER
                        : VolumeCapability.AccessMode.Mode.SINGLE_NODE_WRITER))
        .build();
  }

  /**
   * The tokens that the CSIDriver asks for, as the JSON that drivers get; empty if it asks for
   * none.
   */
  private Optional<String> tokens(BoundPod pod, V1CSIDriverSpec driver) throws MountException {
    List<StorageV1TokenRequest> wanted = driver.getTokenRequests();
    if (wanted == null || wanted.isEmpty()) {
      return Optional.empty();
    }
    JsonObject byAudience = new JsonObject();
    for (StorageV1TokenRequest request : wanted) {
      Long seconds = request.getExpirationSeconds();
      PodToken token = tokens.token(pod, request.getAudience(), seconds == null ? 3600 : seconds);
      JsonObject entry = new JsonObject();
      entry.addProperty("token", token.token());
      entry.addProperty(
          "expirationTimestamp", token.expires().truncatedTo(ChronoUnit.SECONDS).toString());
      byAudience.add(request.getAudience(), entry);
    }
    return Optional.of(byAudience.toString());
  }

  private static Path parent(Path target) {
    return Objects.requireNonNull(target.getParent(), "a target has a parent");
  }

  private static void createParent(Path target) throws MountException {
    try {
      Files.createDirectories(
          parent(target),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));
    } catch (IOException e) {
      throw new MountException("The folder " + parent(target) + " cannot be made", e);
    }
  }

  private static void removeMountFolder(Path target) throws MountException {
    try {
      Trees.delete(parent(target));
    } catch (IOException e) {
      throw new MountException("The folder " + parent(target) + " cannot be removed", e);
    }
  }
}
