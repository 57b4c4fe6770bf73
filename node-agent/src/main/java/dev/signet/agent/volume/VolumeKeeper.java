package dev.signet.agent.volume;

import dev.signet.agent.pod.Pod;

/** Who keeps the list of live volumes over a restart of the agent. Thread-safe; never fails. */
public interface VolumeKeeper {
  /** A volume is live; told with each publish, also of one that it knows. */
  void live(Pod pod, VolumeTarget target);

  /** A volume is gone. What was kept of it is gone, too, when this returns. */
  void gone(VolumeTarget target);
}
