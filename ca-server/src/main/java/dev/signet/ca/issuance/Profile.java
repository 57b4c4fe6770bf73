package dev.signet.ca.issuance;

/** The three shapes of certificate that Signet makes; there is no fourth. */
public enum Profile {
  /** Self-signed. */
  ROOT,
  /** Below a root; nothing but leaves below it. */
  AUTHORITY,
  LEAF;

  public boolean isCa() {
    return this != LEAF;
  }
}
