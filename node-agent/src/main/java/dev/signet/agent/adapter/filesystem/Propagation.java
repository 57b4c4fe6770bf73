package dev.signet.agent.adapter.filesystem;

import dev.signet.agent.adapter.linux.MountEntry;
import java.io.IOException;

/** Whether the node sees what the agent mounts. */
final class Propagation {
  private Propagation() {}

  /**
   * Demands that mounts made on this one appear on the node.
   *
   * @param what the setting and its value
   */
  static void requireShared(String what, MountEntry entry) throws IOException {
    if (!entry.shared()) {
      throw new IOException(
          what
              + " is on the mount "
              + entry.point()
              + ", which is not shared with the node, so that kubelet and pods would not see the"
              + " agent's mounts: give its volumeMount mountPropagation: Bidirectional; outside a"
              + " container run mount --make-rshared "
              + entry.point());
    }
  }
}
