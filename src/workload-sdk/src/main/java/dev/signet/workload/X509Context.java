package dev.signet.workload;

import dev.signet.spiffe.X509BundleSet;
import dev.signet.spiffe.X509Svid;
import java.util.Objects;

/**
 * What this workload is and whom it can verify, as one value: the SVID with its key, and the
 * bundles of its own and of the federated trust domains. Both come from one message of the Workload
 * API, so they fit each other. Immutable.
 */
public record X509Context(X509Svid svid, X509BundleSet bundles) {

  /** Refuses null. */
  public X509Context {
    Objects.requireNonNull(svid, "svid");
    Objects.requireNonNull(bundles, "bundles");
  }

  /**
   * The same leaf and the same sets of authorities: nothing that a user of the source could notice
   * has changed.
   */
  boolean sameAs(X509Context other) {
    return svid.leaf().equals(other.svid.leaf()) && bundles.equals(other.bundles);
  }
}
