package dev.signet.ca.issuance;

import dev.signet.spiffe.SpiffeId;
import java.security.PublicKey;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;

/**
 * Everything that a certificate will say; what a profile fixes is not in it.
 *
 * @param issuer the subject of the certificate that signs
 * @param subject empty for a leaf
 * @param id the one name in subjectAltName
 * @param issuerKeyId the issuer's subjectKeyIdentifier; empty for a root
 */
public record CertificateContent(
    Profile profile,
    SerialNumber serial,
    X500Principal issuer,
    X500Principal subject,
    SpiffeId id,
    Validity validity,
    PublicKey publicKey,
    Optional<SubjectKeyId> issuerKeyId) {
  public CertificateContent {
    if (profile.isCa() != id.isTrustDomainId()) {
      throw new IllegalArgumentException(id + " is no ID for " + profile + " (X-4, X-8)");
    }
    if (profile.isCa() == subject.getName().isEmpty()) {
      throw new IllegalArgumentException("a CA has a subject and a leaf has none");
    }
    if ((profile == Profile.ROOT) != issuerKeyId.isEmpty()) {
      throw new IllegalArgumentException("a root, and only a root, has no issuer but itself");
    }
  }
}
