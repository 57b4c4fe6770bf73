package dev.signet.sandbox.kubelet;

import io.kubernetes.client.openapi.models.V1CSIVolumeSource;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1ProjectedVolumeSource;
import io.kubernetes.client.openapi.models.V1ServiceAccountTokenProjection;
import io.kubernetes.client.openapi.models.V1Volume;
import io.kubernetes.client.openapi.models.V1VolumeProjection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A pod that is bound to this node, read once from the API's model of it: what the stand-in acts
 * on.
 *
 * @param deletionGrace set when the pod is being deleted: how long its containers may take to end
 * @param version resource version: equal for equal content
 * @param raw the object as it came; not to be changed
 */
record BoundPod(
    String uid,
    String namespace,
    String name,
    String account,
    String phase,
    Optional<Duration> deletionGrace,
    String version,
    V1Pod raw) {

  static BoundPod of(V1Pod pod) {
    V1ObjectMeta metadata = Objects.requireNonNull(pod.getMetadata(), "metadata");
    V1PodSpec spec = Objects.requireNonNull(pod.getSpec(), "spec");
    Optional<Duration> grace =
        metadata.getDeletionTimestamp() == null
            ? Optional.empty()
            : Optional.of(Duration.ofSeconds(orZero(metadata.getDeletionGracePeriodSeconds())));
    return new BoundPod(
        text(metadata.getUid()),
        text(metadata.getNamespace()),
        text(metadata.getName()),
        text(spec.getServiceAccountName()),
        pod.getStatus() == null ? "" : text(pod.getStatus().getPhase()),
        grace,
        text(metadata.getResourceVersion()),
        pod);
  }

  boolean ended() {
    return phase.equals("Succeeded") || phase.equals("Failed");
  }

  /** Whether containers that ended with this code have to run again. */
  boolean restarts(int exitCode) {
    String policy = text(spec().getRestartPolicy());
    return policy.equals("Always") || (policy.equals("OnFailure") && exitCode != 0);
  }

  /** The group that owns the pod's volumes, empty if none is asked for. */
  String fsGroup() {
    var context = spec().getSecurityContext();
    return context == null || context.getFsGroup() == null
        ? ""
        : Long.toString(context.getFsGroup());
  }

  List<CsiVolume> csiVolumes() {
    List<CsiVolume> found = new ArrayList<>();
    for (V1Volume volume : volumes()) {
      V1CSIVolumeSource csi = volume.getCsi();
      if (csi != null) {
        found.add(
            new CsiVolume(
                volume.getName(),
                csi.getDriver(),
                Boolean.TRUE.equals(csi.getReadOnly()),
                csi.getVolumeAttributes() == null ? Map.of() : csi.getVolumeAttributes()));
      }
    }
    return found;
  }

  /** The volumes that project tokens; other sources of the same volume are left out. */
  List<TokenVolume> tokenVolumes() {
    List<TokenVolume> found = new ArrayList<>();
    for (V1Volume volume : volumes()) {
      List<TokenFile> files = tokenFiles(volume.getProjected());
      if (!files.isEmpty()) {
        found.add(new TokenVolume(volume.getName(), files));
      }
    }
    return found;
  }

  private static List<TokenFile> tokenFiles(@Nullable V1ProjectedVolumeSource projected) {
    List<TokenFile> files = new ArrayList<>();
    if (projected != null && projected.getSources() != null) {
      for (V1VolumeProjection source : projected.getSources()) {
        V1ServiceAccountTokenProjection token = source.getServiceAccountToken();
        if (token != null) {
          Long seconds = token.getExpirationSeconds();
          files.add(
              new TokenFile(
                  token.getPath(), text(token.getAudience()), seconds == null ? 3600 : seconds));
        }
      }
    }
    return files;
  }

  private List<V1Volume> volumes() {
    List<V1Volume> volumes = spec().getVolumes();
    return volumes == null ? List.of() : volumes;
  }

  private V1PodSpec spec() {
    return Objects.requireNonNull(raw.getSpec(), "spec");
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static long orZero(@Nullable Long number) {
    return number == null ? 0 : number;
  }

  @Override
  public String toString() {
    return namespace + "/" + name + " (" + uid + ")";
  }

  /**
   * An inline CSI volume.
   *
   * @param attributes chosen by the pod's author
   */
  record CsiVolume(String name, String driver, boolean readOnly, Map<String, String> attributes) {
    CsiVolume {
      attributes = Map.copyOf(attributes);
    }
  }

  record TokenVolume(String name, List<TokenFile> files) {
    TokenVolume {
      files = List.copyOf(files);
    }
  }

  /**
   * A projected token.
   *
   * @param audience empty for the API server's own
   */
  record TokenFile(String path, String audience, long expirationSeconds) {}
}
