package dev.signet.agent.volume;

import dev.signet.agent.pod.PodUid;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where volumes are on this node: kubelet's paths, and the agent's own short folders. Pure; no path
 * is looked up.
 */
public final class VolumeLayout {
  /**
   * A socket's path has 107 bytes at most ({@code sun_path} holds 108 and the last is NUL), and
   * {@code /pods/<22>/<16>/api.sock} below the run folder takes 54 of them.
   */
  public static final int MAX_RUN_DIR_BYTES = 107 - 54;

  /** File name of the Workload API socket in a volume. */
  public static final String SOCKET_NAME = "api.sock";

  private static final String VOLUME_NAME = "[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?";

  private final Pattern target;
  private final Path runDir;

  /**
   * The layout below these two folders.
   *
   * @param kubeletDir kubelet's root folder, absolute, spelt as kubelet spells it
   * @param runDir the agent's folder, absolute
   */
  public VolumeLayout(Path kubeletDir, Path runDir) {
    this.target =
        Pattern.compile(
            Pattern.quote(kubeletDir.toString())
                + "/pods/("
                + PodUid.PATTERN
                + ")/volumes/kubernetes\\.io~csi/("
                + VOLUME_NAME
                + ")/mount");
    this.runDir = runDir;
  }

  /** The target a path names; empty where it is none of kubelet's, to the letter. */
  public Optional<VolumeTarget> target(String path) {
    Matcher match = target.matcher(path);
    return match.matches()
        ? Optional.of(new VolumeTarget(new PodUid(match.group(1)), match.group(2), Path.of(path)))
        : Optional.empty();
  }

  /**
   * The folder of a volume's socket. A Unix path is short, so the pod's UID is its 16 bytes in
   * base64url and the volume the start of its digest: two pods never meet in one folder, and two
   * volumes of one pod have the same identity anyway.
   */
  public Path folder(VolumeTarget target) {
    UUID uid = UUID.fromString(target.pod().value());
    byte[] bytes =
        ByteBuffer.allocate(16)
            .putLong(uid.getMostSignificantBits())
            .putLong(uid.getLeastSignificantBits())
            .array();
    String pod = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    return runDir.resolve("pods").resolve(pod).resolve(target.digest().substring(0, 16));
  }
}
