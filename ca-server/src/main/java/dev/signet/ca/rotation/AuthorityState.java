package dev.signet.ca.rotation;

/** Where an authority stands (FAULTS.md 3.2). There is no way back but from before it signed. */
public enum AuthorityState {
  /** Being made, or made and unpublished. Nothing rests on it. */
  PREPARED(false),
  /** A root that consumers are to hold before it signs anything. */
  PUBLISHED(true),
  /** It signs. One root; one issuing authority of each replica. */
  ACTIVE(true),
  /** A root that signs nothing any more, and below which somebody may still hold a leaf. */
  RETIRING(true),
  /** Final: its key is destroyed. What a retired issuing authority signed is valid on. */
  RETIRED(false),
  /** Not to be relied on: whatever lies below it is being replaced. */
  TAINTED(true),
  /** Final: nothing below it verifies any more. */
  REVOKED(false);

  private final boolean inBundle;

  AuthorityState(boolean inBundle) {
    this.inBundle = inBundle;
  }

  /**
   * Whether a root in this state may get issuing authorities below it: the active one, and a
   * tainted one until another may take its place.
   */
  public boolean maySign() {
    return this == ACTIVE || this == TAINTED;
  }

  /** Whether a root in this state is in the trust bundle. */
  public boolean inBundle() {
    return inBundle;
  }
}
