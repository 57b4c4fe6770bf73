package dev.signet.ca.adapter.tls;

import dev.signet.ca.bundle.CurrentBundle;
import dev.signet.spiffe.InvalidX509SvidException;
import dev.signet.spiffe.PresentedX509Chain;
import dev.signet.spiffe.VerifiedX509Svid;
import dev.signet.spiffe.X509BundleSet;
import dev.signet.spiffe.X509SvidVerifier;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;

/** Verifies peers against the bundle as it is at that moment. Thread-safe. */
public final class PeerVerifier {
  private final CurrentBundle bundles;
  private final InstantSource clock;

  public PeerVerifier(CurrentBundle bundles, InstantSource clock) {
    this.bundles = bundles;
    this.clock = clock;
  }

  /**
   * Verifies a chain, leaf first.
   *
   * @throws InvalidX509SvidException if it is no valid X509-SVID of our trust domain now
   */
  public VerifiedX509Svid verify(List<X509Certificate> chain) {
    return X509SvidVerifier.verify(
        PresentedX509Chain.of(chain), X509BundleSet.of(bundles.get().x509()), clock.instant());
  }
}
