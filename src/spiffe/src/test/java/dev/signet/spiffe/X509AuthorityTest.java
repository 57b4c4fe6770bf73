package dev.signet.spiffe;

import static dev.signet.spiffe.Refusals.assertSvidRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A signing certificate of one's own: the rules for issuers. */
class X509AuthorityTest {

  private static final TrustDomain TD = TrustDomain.parse("td");

  @Test
  void id16_authorityThatCarriesTheTrustDomainsId_isAccepted() throws BrokenRuleException {
    X509Authority authority = X509Authority.of(TD, TestAuthority.root("td").certificate());

    assertThat(authority.trustDomain()).isEqualTo(TD);
    assertThat(SubjectAlternativeNames.of(authority.certificate()).uris())
        .containsExactly("spiffe://td");
  }

  @Test
  void id16_x7_authorityWithoutAnId_isRefused() {
    assertRefused("X-7", spec -> spec.noNames());
    assertRefused("X-7", spec -> spec.noNames().uri("https://ca.example"));
  }

  @Test
  void id17_authorityOfAnotherTrustDomain_isRefused() {
    assertRefused("ID-17", spec -> spec.noNames().uri("spiffe://other"));
  }

  @Test
  void id17_x8_authorityWithAPath_isRefused() {
    assertRefused("X-8", spec -> spec.noNames().uri("spiffe://td/ca"));
    assertRefused("ID-12", spec -> spec.noNames().uri("spiffe://td/"));
  }

  @Test
  void x1_authorityWithTwoUris_isRefused() {
    assertRefused("X-2", spec -> spec.uri("https://ca.example"));
  }

  @Test
  void x9_authorityThatIsNoCa_isRefused() {
    assertRefused("X-9", spec -> spec.basicConstraints = new BasicConstraints(false));
  }

  @Test
  void x10_pathLengthAndUriConstraints_areAllowed() {
    assertThat(accepted(spec -> spec.pathLength(0).permitUris("td"))).isNotNull();
  }

  @Test
  void x11_keyUsageMissingOrNotCritical_isRefused() {
    assertRefused("X-11", spec -> spec.keyUsage = null);
    assertRefused("X-11", spec -> spec.keyUsageCritical = false);
  }

  @Test
  void x12_keyCertSign_isRequiredAndCRLSignOptional() {
    assertRefused("X-12", spec -> spec.keyUsage = KeyUsage.cRLSign);
    assertThat(accepted(spec -> spec.keyUsage = KeyUsage.keyCertSign)).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {KeyUsage.digitalSignature, KeyUsage.keyEncipherment, KeyUsage.keyAgreement})
  void x14_keyUsageOfLeaves_isRefused(int bit) {
    assertRefused("X-14", spec -> spec.keyUsage = KeyUsage.keyCertSign | bit);
  }

  @Test
  void x16_weakSignatureOrKey_isRefused() {
    assertRefused("X-16", spec -> spec.signatureAlgorithm = "SHA1withECDSA");
    assertRefused(
        "X-16",
        spec -> {
          spec.key = TestKeys.rsa(1024);
          spec.signatureAlgorithm = "SHA256withRSA";
        });
  }

  private static X509Authority accepted(Consumer<CertificateSpec> bend) {
    return X509Authority.of(TD, TestAuthority.root("td", bend).certificate());
  }

  private static void assertRefused(String rule, Consumer<CertificateSpec> bend) {
    assertSvidRefused(rule, () -> accepted(bend));
  }
}
