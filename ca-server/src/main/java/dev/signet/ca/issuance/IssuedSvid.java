package dev.signet.ca.issuance;

import dev.signet.spiffe.SpiffeId;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * A recorded, signed and validated SVID.
 *
 * @param chain leaf first, then the issuing authority; never the root
 * @param serial lower-case hex without leading zeros
 */
public record IssuedSvid(
    SpiffeId id, List<X509Certificate> chain, String serial, Instant notAfter) {
  public IssuedSvid {
    chain = List.copyOf(chain);
  }
}
