package dev.signet.ca.issuance;

/** The steps between which a process may die; each is named after what was just done. */
public enum IssuanceStep {
  /** A row says that a key of this name will be an authority's. */
  AUTHORITY_PREPARED,
  /** A sealed key lies, complete and synced, beside its final place. */
  KEY_WRITTEN,
  KEY_CREATED,
  BUILT,
  LINTED,
  /** The store's transaction is open. */
  GROUP_BEGUN,
  /** All records of a group are written and not yet committed. */
  GROUP_WRITTEN,
  /** The group is durable and nobody was told yet. */
  GROUP_COMMITTED,
  RECORDED,
  SIGNED,
  VALIDATED,
  /** An authority's certificate is in the store, and it signs from now on. */
  AUTHORITY_ACTIVATED
}
