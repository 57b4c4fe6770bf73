package dev.signet.ca.authority;

import dev.signet.ca.issuance.Digests;
import dev.signet.ca.keys.KeyManager;
import dev.signet.ca.keys.KeyManagerException;
import java.security.PublicKey;

/**
 * An authority that is to sign, as it was found again: its row, certificate and key belong
 * together, or there is none. Three witnesses (the key, the certificate, and the key's hash in the
 * row) tell which part is the wrong one.
 */
record StoredAuthority(StoredCertificate stored, PublicKey publicKey) {

  /**
   * Puts the parts together.
   *
   * @param what "trust root" or "issuing authority"
   * @throws StartRefusedException naming the part that is missing, damaged or another's
   */
  static StoredAuthority load(String what, AuthorityRow row, KeyManager keys)
      throws StartRefusedException {
    StoredCertificate stored = StoredCertificate.load(what, row);
    PublicKey publicKey = key(what, row, keys);
    if (!Digests.sha256Hex(publicKey.getEncoded()).equals(row.keySha256().orElse(""))) {
      throw new StartRefusedException(
          "the key "
              + row.keyId()
              + " is not the key of the "
              + what
              + "'s certificate: the key was swapped. Put the right one back from a"
              + " backup");
    }
    return new StoredAuthority(stored, publicKey);
  }

  private static PublicKey key(String what, AuthorityRow row, KeyManager keys)
      throws StartRefusedException {
    try {
      return keys.publicKey(row.keyId());
    } catch (KeyManagerException e) {
      throw new StartRefusedException(
          "the key of the "
              + what
              + " cannot be used: "
              + e.getMessage()
              + ". No other key is made in its place",
          e);
    }
  }
}
