package dev.signet.agent.svid;

/** A pod's snapshot as it changes. Thread-safe. */
public interface WorkloadFeed {
  WorkloadSnapshot snapshot();

  /**
   * Runs the listener after each change, on the agent's loop. It must not block, and it reads the
   * newest snapshot itself: changes may come together.
   */
  Subscription subscribe(Runnable listener);

  /** A listener that is told. */
  interface Subscription {
    void cancel();
  }
}
