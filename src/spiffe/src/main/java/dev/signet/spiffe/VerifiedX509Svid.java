package dev.signet.spiffe;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;

/**
 * A peer's X509-SVID that an authority of its own trust domain vouches for. Only {@link
 * X509SvidVerifier} makes one. Immutable.
 */
public final class VerifiedX509Svid {

  private final SpiffeId id;
  private final List<X509Certificate> path;

  VerifiedX509Svid(SpiffeId id, List<X509Certificate> path) {
    this.id = id;
    this.path = List.copyOf(path);
  }

  public SpiffeId id() {
    return id;
  }

  public X509Certificate leaf() {
    return path.get(0);
  }

  /** The certificates that prove the identity, from the leaf to the authority, both included. */
  public List<X509Certificate> path() {
    return path;
  }

  /** The certificate of the bundle that the path ends at. */
  public X509Certificate authority() {
    return path.get(path.size() - 1);
  }

  /** When this proof ends: the earliest end of validity on the {@link #path}, to the second. */
  public Instant notAfter() {
    return path.stream()
        .map(X509Certificate::getNotAfter)
        .map(Date::toInstant)
        .min(Instant::compareTo)
        .orElseThrow();
  }

  @Override
  public String toString() {
    return "VerifiedX509Svid[" + id + ", until " + notAfter() + "]";
  }
}
