package dev.signet.ca.issuance;

import dev.signet.spiffe.SpiffeId;
import java.time.Instant;

/**
 * What a leaf shall say; every field is the server's own. The issuer may end the validity earlier
 * (never past its authority), and begins it no earlier than its authority.
 */
public record LeafTemplate(SpiffeId id, Instant notBefore, Instant notAfter, ProvenKey key) {
  public LeafTemplate {
    if (id.isTrustDomainId()) {
      throw new IllegalArgumentException(id + " has no path: a leaf needs one (X-4)");
    }
    if (!notBefore.isBefore(notAfter)) {
      throw new IllegalArgumentException(
          "notBefore " + notBefore + " is not before notAfter " + notAfter);
    }
  }
}
