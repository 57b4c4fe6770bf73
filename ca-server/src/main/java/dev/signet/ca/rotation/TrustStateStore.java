package dev.signet.ca.rotation;

import dev.signet.ca.issuance.RefusedException;
import java.util.List;

/**
 * The one truth about roots, shared by all replicas. Implementations are thread-safe; every call
 * may block, and fails with {@code STORE_UNAVAILABLE}. Never a stale copy.
 */
public interface TrustStateStore {
  TrustState state() throws RefusedException;

  /**
   * Makes a step in one durable transaction, if the state is the one it starts from.
   *
   * @return whether it was; if not, nothing changed
   */
  boolean step(TrustChange change) throws RefusedException;

  /** The newest steps, the newest first. */
  List<Step> steps(int most) throws RefusedException;

  /**
   * Runs {@code action} soon after a step of whichever replica. A word may be lost: whoever needs
   * the truth polls besides. The action must not block.
   */
  void onStep(Runnable action);
}
