package dev.signet.sandbox.kubelet;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How one kubelet is set up.
 *
 * @param nodeName the node it serves
 * @param rootDir its folder ({@code /var/lib/kubelet} on a real node): plugins_registry/, plugins/,
 *     pods/
 * @param syncFrequency time between two syncs of a pod, drawn from 1.0 to 1.5 times this: each one
 *     publishes its volumes again. A real kubelet has 1 min
 * @param mountBackoff first wait after a failed mount; doubles up to 2 min 2 s. A real kubelet has
 *     0.5 s
 * @param restartBackoff wait before the second restart of containers (the first is at once);
 *     doubles up to 5 min. A real kubelet has 10 s
 * @param knowsTokensInSecrets whether this kubelet's version heeds {@code
 *     serviceAccountTokenInSecrets} of a CSIDriver (1.35 and later); older ones send tokens in the
 *     volume context
 */
public record KubeletConfig(
    String nodeName,
    Path rootDir,
    Duration syncFrequency,
    Duration mountBackoff,
    Duration restartBackoff,
    boolean knowsTokensInSecrets) {

  public KubeletConfig {
    if (!syncFrequency.isPositive() || !mountBackoff.isPositive() || !restartBackoff.isPositive()) {
      throw new IllegalArgumentException(
          "syncFrequency, mountBackoff and restartBackoff must be positive");
    }
  }

  /** A kubelet 1.35 or later with the times of a real one. */
  public static KubeletConfig of(String nodeName, Path rootDir) {
    return new KubeletConfig(
        nodeName,
        rootDir,
        Duration.ofMinutes(1),
        Duration.ofMillis(500),
        Duration.ofSeconds(10),
        true);
  }

  public KubeletConfig withSyncFrequency(Duration frequency) {
    return new KubeletConfig(
        nodeName, rootDir, frequency, mountBackoff, restartBackoff, knowsTokensInSecrets);
  }

  public KubeletConfig withBackoffs(Duration mount, Duration restart) {
    return new KubeletConfig(
        nodeName, rootDir, syncFrequency, mount, restart, knowsTokensInSecrets);
  }

  public KubeletConfig withTokensInSecrets(boolean known) {
    return new KubeletConfig(nodeName, rootDir, syncFrequency, mountBackoff, restartBackoff, known);
  }

  Path pluginsRegistry() {
    return rootDir.resolve("plugins_registry");
  }

  Path podDir(String podUid) {
    return rootDir.resolve("pods").resolve(podUid);
  }

  Path csiTarget(String podUid, String volume) {
    return podDir(podUid).resolve("volumes/kubernetes.io~csi").resolve(volume).resolve("mount");
  }

  Path projectedDir(String podUid, String volume) {
    return podDir(podUid).resolve("volumes/kubernetes.io~projected").resolve(volume);
  }
}
