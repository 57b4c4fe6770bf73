package dev.signet.ca.authority;

import dev.signet.ca.bundle.TrustBundle;
import dev.signet.ca.issuance.Signer;
import dev.signet.ca.issuance.SubjectKeyId;
import dev.signet.ca.issuance.Validity;
import java.security.cert.X509Certificate;

/**
 * The root of the trust domain, its key at hand and found to belong to it.
 *
 * @param bundle what the trust domain is verified against
 */
public record TrustRoot(Signer signer, X509Certificate certificate, TrustBundle bundle) {
  /** From when until when it is valid. */
  public Validity validity() {
    return new Validity(
        certificate.getNotBefore().toInstant(), certificate.getNotAfter().toInstant());
  }

  SubjectKeyId keyId() {
    return SubjectKeyId.of(signer.publicKey());
  }
}
