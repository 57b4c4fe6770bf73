package dev.signet.ca.bundle;

import dev.signet.ca.TestAuthority;
import dev.signet.ca.issuance.World;
import dev.signet.spiffe.X509Bundle;
import java.util.Arrays;

/** Bundles of the authorities that a test has made. */
public final class Bundles {
  private Bundles() {}

  public static TrustBundle of(long revision, TestAuthority... authorities) {
    return new TrustBundle(
        revision,
        X509Bundle.of(
            World.TRUST_DOMAIN,
            Arrays.stream(authorities).map(TestAuthority::certificate).toList()));
  }
}
