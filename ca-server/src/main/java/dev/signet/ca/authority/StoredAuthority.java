package dev.signet.ca.authority;

import dev.signet.ca.issuance.Certificates;
import dev.signet.ca.issuance.Digests;
import dev.signet.ca.keys.KeyManager;
import dev.signet.ca.keys.KeyManagerException;
import dev.signet.spiffe.SpiffeException;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Authority;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;

/**
 * An active authority as it was found again: its row, certificate and key belong together, or there
 * is none. Three witnesses (the key, the certificate, and the key's hash in the row) tell which
 * part is the wrong one.
 */
record StoredAuthority(AuthorityRow row, X509Certificate certificate, PublicKey publicKey) {

  /**
   * Puts the parts together.
   *
   * @param what "trust root" or "issuing authority"
   * @throws StartRefusedException naming the part that is missing, damaged or another's
   */
  static StoredAuthority load(String what, AuthorityRow row, KeyManager keys)
      throws StartRefusedException {
    X509Certificate certificate = certificate(what, row);
    String keySha256 = row.keySha256().orElse("");
    if (!Digests.sha256Hex(certificate.getPublicKey().getEncoded()).equals(keySha256)) {
      throw new StartRefusedException(
          "the certificate of the "
              + what
              + " "
              + row.keyId()
              + " in the store is of another key than it was stored with: the certificate was"
              + " swapped. Restore the store from a backup");
    }
    PublicKey publicKey = key(what, row, keys);
    if (!Digests.sha256Hex(publicKey.getEncoded()).equals(keySha256)) {
      throw new StartRefusedException(
          "the key "
              + row.keyId()
              + " is not the key of the "
              + what
              + "'s certificate: the key was swapped. Put its file in the folder keys back from a"
              + " backup");
    }
    return new StoredAuthority(row, certificate, publicKey);
  }

  /** Whether a key signed the certificate. */
  boolean isSignedBy(PublicKey signer) {
    try {
      certificate.verify(signer);
      return true;
    } catch (GeneralSecurityException _) {
      return false;
    }
  }

  /** The certificate alone. */
  static X509Certificate certificate(String what, AuthorityRow row) throws StartRefusedException {
    byte[] der = row.certificate().orElse(new byte[0]);
    try {
      return Certificates.parse(der);
    } catch (GeneralSecurityException e) {
      throw new StartRefusedException(
          "the certificate of the "
              + what
              + " "
              + row.keyId()
              + " in the store is missing or damaged. Restore the store from a backup",
          e);
    }
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

  /** The last question: a damaged certificate would seem to be of another trust domain. */
  void requireTrustDomain(TrustDomain trustDomain) throws StartRefusedException {
    try {
      var _ = X509Authority.of(trustDomain, certificate);
    } catch (SpiffeException e) {
      throw new StartRefusedException(
          "the store is not of the trust domain "
              + trustDomain
              + ", or its certificate is not one of ours: "
              + e.getMessage()
              + ". Set trust_domain to what the CA was set up with, or restore the store",
          e);
    }
  }
}
