package dev.signet.agent.svid;

import dev.signet.agent.pod.PodUid;

/** Who reports to the CA which leaves pods hold. Told on the loop. */
public interface LeafListener {
  /** A pod is new, or holds another leaf; the serial is empty where it holds none. */
  void changed(PodUid pod, String serial);

  /**
   * A pod was found at the start: nobody knows what was handed out before.
   *
   * @param serial of the leaf that was kept of it; empty without one
   */
  void recovered(PodUid pod, String serial);

  /** A pod has no volume any more. */
  void ended(PodUid pod);
}
