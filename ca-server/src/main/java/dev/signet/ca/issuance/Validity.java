package dev.signet.ca.issuance;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** From when until when, in whole seconds as X.509 has it. Both ends are valid. */
public record Validity(Instant notBefore, Instant notAfter) {
  public Validity {
    notBefore = notBefore.truncatedTo(ChronoUnit.SECONDS);
    notAfter = notAfter.truncatedTo(ChronoUnit.SECONDS);
    if (!notBefore.isBefore(notAfter)) {
      throw new IllegalArgumentException(notBefore + " is not before " + notAfter);
    }
  }

  static Validity of(X509Certificate certificate) {
    return new Validity(
        certificate.getNotBefore().toInstant(), certificate.getNotAfter().toInstant());
  }

  /** The part of this that lies within {@code outer}; empty if none does. */
  public Optional<Validity> within(Validity outer) {
    Instant from = notBefore.isBefore(outer.notBefore) ? outer.notBefore : notBefore;
    Instant until = notAfter.isAfter(outer.notAfter) ? outer.notAfter : notAfter;
    return from.isBefore(until) ? Optional.of(new Validity(from, until)) : Optional.empty();
  }

  public boolean contains(Instant time) {
    return !time.isBefore(notBefore) && !time.isAfter(notAfter);
  }
}
