package dev.signet.ca.issuance;

/**
 * The steps of issuance and of rotation between which a process may die; each is named after what
 * was just done.
 */
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
  AUTHORITY_ACTIVATED,
  /** A next root has its key, and no certificate yet. */
  NEXT_ROOT_KEY_MADE,
  /** A next root has its certificate as well, and is in no bundle. */
  NEXT_ROOT_MADE,
  /** A step of trust is durable, and nobody in this process was told yet. */
  ROTATION_PREPARED,
  ROTATION_PUBLISHED,
  ROTATION_ACTIVATED,
  ROTATION_RETIRED,
  ROTATION_ABORTED,
  ROTATION_PAUSED,
  ROTATION_RESUMED,
  ROTATION_TAINTED,
  ROTATION_REVOKED,
  ROTATION_BANNED,
  ROTATION_UNBANNED,
  /** A replica has read another state of trust than the one that it works by. */
  TRUST_READ,
  /** It gives out that state's bundle. */
  BUNDLE_ADOPTED,
  /** It signs by that state, with an issuing authority of its own. */
  SIGNER_ADOPTED,
  /** Its own certificate is by that state as well, and agents were told what to replace. */
  AGENTS_TOLD,
  /** A root that is never to sign again is about to lose its key. */
  ROOT_KEY_CONDEMNED,
  ROOT_KEY_DESTROYED
}
