package dev.signet.agent.volume;

import dev.signet.agent.pod.PodUid;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Where kubelet wants a volume: which pod, which of its volumes, which path. The three are one fact
 * in three forms; a target exists only where they agree.
 *
 * @param volumeName the pod author's name for it, a DNS label
 * @param path absolute, below kubelet's folder
 */
public record VolumeTarget(PodUid pod, String volumeName, Path path) {

  /** The ID kubelet computes for an inline volume (Kubernetes, csi_mounter makeVolumeHandle). */
  public String volumeId() {
    return "csi-" + digest();
  }

  /** SHA-256 over pod UID and volume name, lower-case hex: names the volume on this node. */
  String digest() {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest((pod.value() + volumeName).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
