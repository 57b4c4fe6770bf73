package dev.signet.agent.adapter.unix;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Kubelet, as far as the kernel tells: root, or the agent's own user, and not a process of a pod
 * (THREATS.md T11). Second to the folder of the socket, which is for root alone.
 *
 * <p>A peer of another PID namespace has no number here (0), which is kubelet as an agent in a
 * container sees it; nothing more can be read of it then, and user and folder decide. Where there
 * is a number, a pod in its control group refuses it, and so does a process that is gone: kubelet
 * lives as long as its connection.
 */
public final class NodePeers implements PeerCheck {
  private final Path proc;
  private final int ownUid;

  private NodePeers(Path proc, int ownUid) {
    this.proc = proc;
    this.ownUid = ownUid;
  }

  /** The check on this node. */
  public static NodePeers create() throws IOException {
    return of(Path.of("/proc"));
  }

  static NodePeers of(Path proc) throws IOException {
    int uid =
        (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid", LinkOption.NOFOLLOW_LINKS);
    return new NodePeers(proc, uid);
  }

  @Override
  public Optional<String> objection(UnixPeer peer) {
    if (peer.uid() != 0 && peer.uid() != ownUid) {
      return Optional.of("its user is neither root nor the agent's");
    }
    if (peer.pid() == 0) {
      return Optional.empty();
    }
    Path file = proc.resolve(peer.pid() + "/cgroup");
    try {
      return PodCgroups.podBelow(text(file), text(proc.resolve("self/cgroup")))
          .map(pod -> "it is a process of pod " + pod);
    } catch (IOException gone) {
      // ENOENT when it is opened, ESRCH when it is read: the process has ended meanwhile.
      return Files.exists(proc.resolve("self/cgroup"))
          ? Optional.of("its process is gone")
          : Optional.empty();
    }
  }

  private static String text(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.ISO_8859_1);
  }
}
