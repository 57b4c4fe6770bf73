package dev.signet.ca.rotation;

import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.keys.KeyId;

/**
 * What operators can see and do. Each is one step or none; a step that is refused changes nothing.
 * Thread-safe; everything blocks on the store, and fails with {@code STORE_UNAVAILABLE} while it is
 * away.
 */
public interface TrustOperations {
  Overview overview() throws RefusedException;

  /**
   * Runs {@code action} soon after anything of the overview may have changed, until the handle is
   * closed. It must not block.
   */
  Watch watch(Runnable action);

  /** Begins a rotation. It goes on by itself, each step when its gate is open. */
  void start(Operator by, boolean forced) throws RotationRefusedException, RefusedException;

  void pause(Operator by) throws RotationRefusedException, RefusedException;

  void resume(Operator by) throws RotationRefusedException, RefusedException;

  /** Gives up a rotation whose root has signed nothing yet. */
  void abort(Operator by) throws RotationRefusedException, RefusedException;

  /** Makes the step that is due now without those who are missing. */
  void override(Operator by) throws RotationRefusedException, RefusedException;

  /** A root or an issuing authority. */
  void taint(KeyId authority, Operator by) throws RotationRefusedException, RefusedException;

  void revoke(KeyId root, Operator by, boolean override)
      throws RotationRefusedException, RefusedException;

  void ban(NodeRef node, Operator by) throws RotationRefusedException, RefusedException;

  void unban(NodeRef node, Operator by) throws RotationRefusedException, RefusedException;

  /** Who would break if a root went now: the gate of its removal. Changes nothing. */
  Gate plan(KeyId root) throws RotationRefusedException, RefusedException;

  /** A watch that ends when it is closed. */
  interface Watch extends AutoCloseable {
    @Override
    void close();
  }
}
