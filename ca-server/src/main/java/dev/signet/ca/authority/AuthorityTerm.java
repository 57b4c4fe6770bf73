package dev.signet.ca.authority;

import dev.signet.ca.issuance.Validity;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;

/**
 * How long an issuing authority serves: half of its life, so that the longest leaf it signs on its
 * last day ends well before it does. One that ends together with its root serves to the end: no
 * other could live longer.
 */
record AuthorityTerm(Instant replaceAt) {
  static AuthorityTerm of(X509Certificate certificate, Validity root) {
    Instant end = certificate.getNotAfter().toInstant();
    if (!end.isBefore(root.notAfter())) {
      return new AuthorityTerm(end);
    }
    Instant begin = certificate.getNotBefore().toInstant().plus(AuthorityMaker.BACKDATE);
    return new AuthorityTerm(begin.plus(Duration.between(begin, end).dividedBy(2)));
  }

  boolean isDue(Instant now) {
    return !now.isBefore(replaceAt);
  }
}
