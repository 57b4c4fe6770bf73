package dev.signet.spiffe;

import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Bundles of several trust domains, at most one of each, never merged (B-1). Immutable; a change is
 * a new set.
 */
public final class X509BundleSet {

  private final Map<TrustDomain, X509Bundle> bundles;

  private X509BundleSet(Map<TrustDomain, X509Bundle> bundles) {
    this.bundles = Collections.unmodifiableMap(bundles);
  }

  /**
   * Makes a set.
   *
   * @throws InvalidX509BundleException if two bundles are of one trust domain
   */
  public static X509BundleSet of(X509Bundle... bundles) {
    return of(Arrays.asList(bundles));
  }

  /**
   * Makes a set.
   *
   * @throws InvalidX509BundleException if two bundles are of one trust domain
   */
  public static X509BundleSet of(Collection<X509Bundle> bundles) {
    Map<TrustDomain, X509Bundle> byName = new TreeMap<>();
    for (X509Bundle bundle : bundles) {
      if (byName.put(bundle.trustDomain(), bundle) != null) {
        throw new InvalidX509BundleException(
            "B-1", "two bundles of trust domain " + bundle.trustDomain() + "; give one of each");
      }
    }
    return new X509BundleSet(byName);
  }

  /** The bundle of a trust domain; empty if its SVIDs are not to be trusted. */
  public Optional<X509Bundle> bundle(TrustDomain trustDomain) {
    return Optional.ofNullable(bundles.get(trustDomain));
  }

  /** All bundles, ascending by trust domain. */
  public Collection<X509Bundle> bundles() {
    return bundles.values();
  }

  /** This set with {@code bundle} in place of the one of its trust domain, or added. */
  public X509BundleSet with(X509Bundle bundle) {
    Map<TrustDomain, X509Bundle> changed = new TreeMap<>(bundles);
    changed.put(bundle.trustDomain(), bundle);
    return new X509BundleSet(changed);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof X509BundleSet that && bundles.equals(that.bundles);
  }

  @Override
  public int hashCode() {
    return bundles.hashCode();
  }

  @Override
  public String toString() {
    return "X509BundleSet" + bundles.values();
  }
}
