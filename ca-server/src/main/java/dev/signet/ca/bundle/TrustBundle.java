package dev.signet.ca.bundle;

import dev.signet.spiffe.X509Bundle;

/**
 * The authorities of the trust domain at one revision.
 *
 * @param revision rises by one with each change of the set; the first is 1
 * @param x509 the X.509 authorities
 */
public record TrustBundle(long revision, X509Bundle x509) {
  public TrustBundle {
    if (revision < 1) {
      throw new IllegalArgumentException("revision " + revision + " is below 1");
    }
  }
}
