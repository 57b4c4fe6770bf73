package dev.signet.clustertest.faults;

import com.google.gson.JsonObject;
import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.Output;
import dev.signet.clustertest.lab.ProbePod;
import dev.signet.sandbox.world.Eventually;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A pod's volume at one moment, as the pod and its node see it.
 *
 * @param mounts the node's mounts at the volume's path, by their ids: another id is another mount
 * @param folder inode of the volume's folder
 * @param socket inode of the socket in it
 * @param serial of the SVID that comes out of it
 */
record Volume(List<String> mounts, long folder, long socket, String serial) {
  private static final Duration SOON = Duration.ofSeconds(60);

  /** What a volume has now; it is served. */
  static Volume of(ProbePod pod) {
    JsonObject files = ProbePod.events(pod.probe("socket").orFail()).getLast();
    JsonObject svid = ProbePod.events(pod.probe("fetch", "--timeout", "10s").orFail()).getLast();
    return new Volume(
        mounts(pod),
        files.get("folder_inode").getAsLong(),
        files.get("socket_inode").getAsLong(),
        Kubectl.text(svid, "serial"));
  }

  /** Waits until a volume is served on another socket than this one's. */
  Volume awaitNewSocket(ProbePod pod) throws InterruptedException {
    return Eventually.await(SOON, () -> hasNewSocket(pod) ? Optional.of(of(pod)) : Optional.empty())
        .orElseThrow(() -> new AssertionError("no new socket for " + pod.name()));
  }

  private boolean hasNewSocket(ProbePod pod) {
    Output files = pod.probe("socket");
    return files.code() == 0
        && ProbePod.events(files.out()).getLast().get("socket_inode").getAsLong() != socket
        && pod.probe("fetch", "--timeout", "1s").code() == 0;
  }

  /** The same volume with the same SVID; its socket may be another. */
  boolean isSameAs(Volume other) {
    return mounts.equals(other.mounts) && folder == other.folder && serial.equals(other.serial);
  }

  /** Ids of the mounts at the path of a pod's volume; one, when all is well. */
  static List<String> mounts(ProbePod pod) {
    JsonObject object = Kubectl.get("pod", "-n", pod.namespace(), pod.name());
    return mounts(Kubectl.text(object, "spec.nodeName"), Kubectl.text(object, "metadata.uid"));
  }

  static List<String> mounts(String node, String uid) {
    String path =
        "/var/lib/kubelet/pods/%s/volumes/kubernetes.io~csi/identity/mount".formatted(uid);
    return Lab.node(node, "cat", "/proc/self/mountinfo")
        .orFail()
        .lines()
        .map(line -> line.split(" ", 6))
        .filter(fields -> fields[4].equals(path))
        .map(fields -> fields[0])
        .toList();
  }
}
