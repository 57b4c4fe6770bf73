package dev.signet.ca.session;

/** Why a pod may have no new SVID. Later ones are stronger. */
public enum RemovalCause {
  /** Marked for deletion. */
  TERMINATING,
  /** Succeeded or failed. */
  FINISHED,
  /** Gone from the API. */
  DELETED
}
