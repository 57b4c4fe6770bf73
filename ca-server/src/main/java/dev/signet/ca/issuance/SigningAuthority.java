package dev.signet.ca.issuance;

import dev.signet.spiffe.X509Bundle;
import java.security.cert.X509Certificate;

/**
 * The authority that issues leaves now.
 *
 * @param certificate its certificate, signed by a root
 * @param roots what its leaves verify against
 * @param version of the trust state by which it signs
 */
public record SigningAuthority(
    Signer signer, X509Certificate certificate, X509Bundle roots, long version) {
  /** The same, in another state of trust. */
  public SigningAuthority in(X509Bundle otherRoots, long otherVersion) {
    return new SigningAuthority(signer, certificate, otherRoots, otherVersion);
  }

  Validity validity() {
    return Validity.of(certificate);
  }
}
