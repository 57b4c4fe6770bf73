package dev.signet.ca.issuance;

import dev.signet.spiffe.X509Bundle;
import java.security.cert.X509Certificate;

/**
 * The authority that issues leaves now.
 *
 * @param certificate its certificate, signed by a root
 * @param roots what its leaves verify against
 */
public record SigningAuthority(Signer signer, X509Certificate certificate, X509Bundle roots) {
  Validity validity() {
    return Validity.of(certificate);
  }
}
