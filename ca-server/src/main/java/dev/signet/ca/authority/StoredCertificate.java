package dev.signet.ca.authority;

import dev.signet.ca.issuance.Certificates;
import dev.signet.ca.issuance.Digests;
import dev.signet.spiffe.SpiffeException;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Authority;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;

/** An authority's certificate as it was found again: whole, and of the key it was stored with. */
record StoredCertificate(AuthorityRow row, X509Certificate certificate) {

  /**
   * Reads it.
   *
   * @param what "trust root" or "issuing authority"
   * @throws StartRefusedException if it is missing, damaged or another's
   */
  static StoredCertificate load(String what, AuthorityRow row) throws StartRefusedException {
    X509Certificate certificate = parse(what, row);
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
    return new StoredCertificate(row, certificate);
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

  private static X509Certificate parse(String what, AuthorityRow row) throws StartRefusedException {
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
