package dev.signet.spiffe;

import static dev.signet.spiffe.Refusals.assertBundleRefused;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class X509BundleSetTest {

  private static final TestAuthority TD = TestAuthority.root("td");
  private static final TestAuthority OTHER = TestAuthority.root("other");

  @Test
  void bundle_isFoundByItsTrustDomainOnly() {
    X509BundleSet set = X509BundleSet.of(TD.bundle());

    assertThat(set.bundle(TD.trustDomain())).contains(TD.bundle());
    assertThat(set.bundle(OTHER.trustDomain())).isEmpty();
    assertThat(X509BundleSet.of().bundles()).isEmpty();
  }

  @Test
  void bundles_ascendByTrustDomain() {
    assertThat(X509BundleSet.of(TD.bundle(), OTHER.bundle()).bundles())
        .containsExactly(OTHER.bundle(), TD.bundle());
  }

  @Test
  void b1_twoBundlesOfOneTrustDomain_areNotMerged() {
    X509Bundle second = TestAuthority.root("td").bundle();

    assertBundleRefused("B-1", () -> X509BundleSet.of(TD.bundle(), second));
  }

  @Test
  void with_replacesOrAddsAndLeavesTheOldSetAlone() {
    X509BundleSet set = X509BundleSet.of(TD.bundle());
    X509Bundle second = TestAuthority.root("td").bundle();

    assertThat(set.with(second).bundles()).containsExactly(second);
    assertThat(set.with(OTHER.bundle()))
        .isEqualTo(X509BundleSet.of(OTHER.bundle(), TD.bundle()))
        .hasSameHashCodeAs(X509BundleSet.of(OTHER.bundle(), TD.bundle()));
    assertThat(set.bundles()).containsExactly(TD.bundle());
  }
}
