package dev.signet.agent.volume;

/** Why a call for a volume is refused: the closed set, one metric label each. */
public enum VolumeFault {
  FIELD_MISSING,
  FIELD_MALFORMED,
  UNKNOWN_KEY,
  ACCESS_TYPE,
  STAGING_PATH,
  NOT_READ_ONLY,
  NOT_EPHEMERAL,
  TARGET_PATH,
  POD_MISMATCH,
  TOKEN_IN_BOTH_MAPS,
  TOKEN_MALFORMED,
  TOKEN_OF_ANOTHER_POD,
  /** Retryable: kubelet sends one with the next call, or an operator mends the CSIDriver object. */
  TOKEN_MISSING,
  /** Something that is not this volume is at the target path. */
  TARGET_OCCUPIED,
  /** Retryable: another call for this volume is at work. */
  BUSY,
  /** Retryable: the node's file system or socket would not. */
  NODE_FAILED
}
