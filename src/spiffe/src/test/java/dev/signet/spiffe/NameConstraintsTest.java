package dev.signet.spiffe;

import static dev.signet.spiffe.CertificateSpec.NOW;
import static dev.signet.spiffe.Refusals.assertBundleRefused;
import static dev.signet.spiffe.Refusals.assertSvidRefused;
import static dev.signet.spiffe.TestAuthority.present;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Consumer;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * name constraints bind wherever they stand.
 *
 * <p>The JDK applies those of intermediates but refuses an anchor's own, and it throws
 * NullPointerException for trust domains that are no DNS names; both ways the answer must be no.
 */
class NameConstraintsTest {

  @ParameterizedTest
  @CsvSource({"td, td", ".example, shop.example", ".example, a.b.example", "10.0.0.1, 10.0.0.1"})
  void x10_trustDomainWithinTheConstraint_isVerified(String constraint, String name) {
    assertThat(underConstrainedRoot(name, spec -> spec.permitUris(constraint)).id())
        .hasToString("spiffe://" + name + "/a");
    assertThat(underConstrainedIntermediate(name, spec -> spec.permitUris(constraint)).id())
        .hasToString("spiffe://" + name + "/a");
  }

  @ParameterizedTest
  @CsvSource({
    "td, other",
    "td, x.td",
    "td, td.",
    "td, .td",
    "td, a_b.td",
    ".td, td",
    ".td, .td",
    ".td, x_y.td",
    "shop.example, example",
    "10.0.0.1, 10.0.0.2",
  })
  void x10_trustDomainOutsideTheConstraint_isRefused(String constraint, String name) {
    assertSvidRefused(
        "X-16", () -> underConstrainedRoot(name, spec -> spec.permitUris(constraint)));
    assertSvidRefused(
        "X-16", () -> underConstrainedIntermediate(name, spec -> spec.permitUris(constraint)));
  }

  @Test
  void x10_excludedTrustDomain_isRefused() {
    assertSvidRefused("X-16", () -> underConstrainedRoot("td", spec -> spec.excludeUris("td")));
    assertSvidRefused(
        "X-16", () -> underConstrainedIntermediate("td", spec -> spec.excludeUris("td")));
    assertThat(underConstrainedRoot("td", spec -> spec.excludeUris("other")).id())
        .hasToString("spiffe://td/a");
  }

  @Test
  void x10_constraintsOfRootAndIntermediate_addUp() {
    TestAuthority root = TestAuthority.root("td", spec -> spec.permitUris("td", "other"));
    TestAuthority authority = root.intermediate(spec -> spec.permitUris("td"));
    X509BundleSet bundles =
        X509BundleSet.of(
            root.bundle(), X509Bundle.of(TrustDomain.parse("other"), List.of(root.certificate())));

    assertThat(
            X509SvidVerifier.verify(
                    present(authority.leaf("spiffe://td/a"), authority), bundles, NOW)
                .id())
        .hasToString("spiffe://td/a");
    assertThat(X509SvidVerifier.verify(present(root.leaf("spiffe://other/a")), bundles, NOW).id())
        .hasToString("spiffe://other/a");
    assertSvidRefused(
        "X-16",
        () ->
            X509SvidVerifier.verify(
                present(authority.leaf("spiffe://other/a"), authority), bundles, NOW));
  }

  @Test
  void x10_otherFormsOfConstraint_bindToo() {
    NameConstraints dns =
        new NameConstraints(
            new GeneralSubtree[] {
              new GeneralSubtree(new GeneralName(GeneralName.dNSName, "shop.example"))
            },
            null);
    TestAuthority root = TestAuthority.root("td", spec -> spec.nameConstraints = dns);

    assertThat(
            verify(root, present(root.leaf("spiffe://td/a", spec -> spec.dns("a.shop.example"))))
                .id())
        .hasToString("spiffe://td/a");
    assertSvidRefused(
        "X-16",
        () -> verify(root, present(root.leaf("spiffe://td/a", spec -> spec.dns("evil.example")))));
  }

  /** RFC 5280 section 4.2.1.10 makes them critical; the JDK overlooks some that are not. */
  @Test
  void x10_constraintsThatAreNotCritical_areRefused() {
    Consumer<CertificateSpec> bend =
        spec -> spec.permitUris("spiffe://not-a-host").nameConstraintsCritical = false;

    assertBundleRefused("X-10", () -> TestAuthority.root("td", bend).bundle());
    assertSvidRefused("X-10", () -> underConstrainedIntermediate("td", bend));
  }

  @Test
  void x10_constrainedAuthorityThatIsNotSelfSigned_isRefused() {
    TestAuthority upstream = TestAuthority.root("td");
    TestAuthority authority = upstream.intermediate(spec -> spec.permitUris("td"));

    assertSvidRefused("X-10", () -> verify(authority, present(authority.leaf("spiffe://td/a"))));
  }

  @Test
  void x16_unconstrainedAuthorityThatIsNotSelfSigned_isAnAnchorLikeAnyOther() {
    TestAuthority authority = TestAuthority.root("td").intermediate();

    assertThat(verify(authority, present(authority.leaf("spiffe://td/a"))).path()).hasSize(2);
  }

  private static VerifiedX509Svid underConstrainedRoot(
      String name, Consumer<CertificateSpec> constrain) {
    TestAuthority root = TestAuthority.root(name, constrain.andThen(spec -> spec.noNames()));
    return verify(root, present(root.leaf("spiffe://" + name + "/a")));
  }

  private static VerifiedX509Svid underConstrainedIntermediate(
      String name, Consumer<CertificateSpec> constrain) {
    TestAuthority root = TestAuthority.root(name);
    TestAuthority authority = root.intermediate(constrain.andThen(spec -> spec.noNames()));
    return verify(root, present(authority.leaf("spiffe://" + name + "/a"), authority));
  }

  private static VerifiedX509Svid verify(TestAuthority root, PresentedX509Chain chain) {
    return X509SvidVerifier.verify(chain, X509BundleSet.of(root.bundle()), NOW);
  }
}
