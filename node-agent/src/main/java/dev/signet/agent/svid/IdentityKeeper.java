package dev.signet.agent.svid;

import dev.signet.agent.pod.PodUid;

/** Who keeps identities over a restart of the agent. Told on the loop; does not block. */
public interface IdentityKeeper {
  /** This is what is to be kept of a pod's identity now, instead of what was before. */
  void changed(PodUid pod, KeptIdentity identity);

  /** Nothing is to be kept of it any more. */
  void ended(PodUid pod);
}
