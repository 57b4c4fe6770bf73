package dev.signet.ca.session;

import java.util.Set;

/** Where a watch tells what it saw. It can only take rights away, early. Thread-safe. */
public interface PodRemovals {
  /** UIDs of the pods that connected agents serve. */
  Set<String> servedPods();

  /** A pod may have no new SVID from now on. Saying so twice is harmless. */
  void removed(String podUid, RemovalCause cause);
}
