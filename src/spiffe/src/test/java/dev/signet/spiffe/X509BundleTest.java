package dev.signet.spiffe;

import static dev.signet.spiffe.Refusals.assertBundleRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class X509BundleTest {

  private static final TrustDomain TD = TrustDomain.parse("td");
  private static final X509Certificate ONE = TestAuthority.root("td").certificate();
  private static final X509Certificate TWO = TestAuthority.root("td").certificate();
  private static final X509Certificate THREE = TestAuthority.root("td").certificate();

  @Test
  void orderAndRepetition_doNotMatter() {
    X509Bundle bundle = X509Bundle.of(TD, List.of(ONE, TWO, THREE));
    X509Bundle same = X509Bundle.of(TD, List.of(THREE, ONE, TWO, ONE));

    assertThat(same).isEqualTo(bundle).hasSameHashCodeAs(bundle);
    assertThat(same.authorities()).isEqualTo(bundle.authorities()).hasSize(3);
    assertThat(same.encoded()).isEqualTo(bundle.encoded());
    assertThat(same.digest()).isEqualTo(bundle.digest());
    assertThat(same.pem()).isEqualTo(bundle.pem());
  }

  @Test
  void authorities_ascendByDigest() {
    List<byte[]> digests =
        X509Bundle.of(TD, List.of(ONE, TWO, THREE)).authorities().stream()
            .map(certificate -> Certificates.sha256().digest(Certificates.encoded(certificate)))
            .toList();

    assertThat(digests).isSortedAccordingTo(Arrays::compareUnsigned);
  }

  @Test
  void digest_isThatOfTheAscendingDigests() {
    X509Bundle bundle = X509Bundle.of(TD, List.of(ONE, TWO));
    MessageDigest expected = Certificates.sha256();
    for (X509Certificate authority : bundle.authorities()) {
      expected.update(Certificates.sha256().digest(Certificates.encoded(authority)));
    }

    assertThat(bundle.digest()).isEqualTo(expected.digest());
  }

  @Test
  void otherSetOrTrustDomain_isAnotherBundle() {
    X509Bundle bundle = X509Bundle.of(TD, List.of(ONE));

    assertThat(bundle)
        .isNotEqualTo(X509Bundle.of(TD, List.of(TWO)))
        .isNotEqualTo(X509Bundle.of(TD, List.of(ONE, TWO)))
        .isNotEqualTo(X509Bundle.of(TrustDomain.parse("other"), List.of(ONE)));
  }

  @Test
  void derAndPem_comeBackAsTheSameBundle() {
    X509Bundle bundle = X509Bundle.of(TD, List.of(ONE, TWO));

    assertThat(X509Bundle.parse(TD, bundle.encoded())).isEqualTo(bundle);
    assertThat(X509Bundle.parsePem(TD, bundle.pem())).isEqualTo(bundle);
    assertThat(X509Bundle.parsePem(TD, bundle.pem().replace("\n", "\r\n"))).isEqualTo(bundle);
    assertThat(X509Bundle.parsePem(TD, "# roots\n\n" + bundle.pem() + "the end\n"))
        .isEqualTo(bundle);
    assertThat(bundle.pem())
        .matches("(?s)(-----BEGIN CERTIFICATE-----\n.*?-----END CERTIFICATE-----\n){2}");
  }

  @Test
  void emptyBundle_isLegal() {
    X509Bundle empty = X509Bundle.parse(TD, new byte[0]);

    assertThat(empty.isEmpty()).isTrue();
    assertThat(empty)
        .isEqualTo(X509Bundle.of(TD, List.of()))
        .isEqualTo(X509Bundle.parsePem(TD, "\n"));
    assertThat(empty.encoded()).isEmpty();
    assertThat(empty.pem()).isEmpty();
  }

  @Test
  void returnedBytes_areCopies() {
    X509Bundle bundle = X509Bundle.of(TD, List.of(ONE));
    Arrays.fill(bundle.encoded(), (byte) 0);
    Arrays.fill(bundle.digest(), (byte) 0);

    assertThat(bundle).isEqualTo(X509Bundle.of(TD, List.of(ONE)));
    assertThat(bundle.encoded()).isEqualTo(Certificates.encoded(ONE));
  }

  @Test
  void x7_authorityThatIsNoSvid_isAccepted() {
    assertThat(bundle(spec -> spec.noNames()).authorities()).hasSize(1);
    assertThat(bundle(spec -> spec.noNames().uri("https://ca.example")).authorities()).hasSize(1);
  }

  /** X509-SVID section 3.2: the trust domain of a signing certificate is a SHOULD. */
  @Test
  void x7_authorityOfAnotherTrustDomain_isAccepted() {
    assertThat(bundle(spec -> spec.noNames().uri("spiffe://upstream")).authorities()).hasSize(1);
  }

  @Test
  void x8_authorityWithAPath_isRefused() {
    assertRefused("X-8", spec -> spec.noNames().uri("spiffe://td/ca"));
  }

  /** AMB-2: printed so in an appendix of the standard, against its own rule. */
  @Test
  void x8_authorityWithATrailingSlash_isRefused() {
    assertRefused("ID-12", spec -> spec.noNames().uri("spiffe://td/"));
  }

  @Test
  void x9_certificateThatIsNoCa_isRefused() {
    assertRefused("X-9", spec -> spec.basicConstraints = new BasicConstraints(false));
    assertRefused("X-9", spec -> spec.basicConstraints = null);
  }

  @Test
  void x11_keyUsageMissingOrNotCritical_isRefused() {
    assertRefused("X-11", spec -> spec.keyUsage = null);
    assertRefused("X-11", spec -> spec.keyUsageCritical = false);
  }

  @Test
  void x12_keyUsageWithoutKeyCertSign_isRefused() {
    assertRefused("X-12", spec -> spec.keyUsage = KeyUsage.cRLSign);
    assertRefused("X-12", spec -> spec.keyUsage = KeyUsage.digitalSignature);
  }

  @Test
  void x12_cRLSign_isOptional() {
    assertThat(bundle(spec -> spec.keyUsage = KeyUsage.keyCertSign).authorities()).hasSize(1);
  }

  @Test
  void x16_unknownCriticalExtension_isRefused() {
    assertRefused("X-16", spec -> spec.unknownCriticalExtension = true);
  }

  @Test
  void x16_weakKey_isRefused() {
    assertRefused(
        "X-16",
        spec -> {
          spec.key = TestKeys.rsa(1024);
          spec.signatureAlgorithm = "SHA256withRSA";
        });
  }

  @Test
  void t31_64Authorities_areTheLimit() {
    List<X509Certificate> many =
        Stream.generate(() -> TestAuthority.root("td").certificate()).limit(65).toList();

    assertThat(X509Bundle.of(TD, many.subList(0, 64)).authorities()).hasSize(64);
    assertBundleRefused("X-16", () -> X509Bundle.of(TD, many)).hasMessageContaining("more than 64");
    assertBundleRefused("X-16", () -> X509Bundle.parse(TD, Certificates.concatenated(many)));
  }

  @Test
  void t31_moreThanOneMebibyte_isRefusedUnread() {
    assertBundleRefused("X-16", () -> X509Bundle.parse(TD, new byte[(1 << 20) + 1]))
        .hasMessageContaining("1 MiB");
    assertBundleRefused("X-16", () -> X509Bundle.parsePem(TD, "x".repeat(4 << 20)))
        .hasMessageContaining("1 MiB");
    byte[] crowd = Certificates.concatenated(Collections.nCopies(2000, ONE));
    assertBundleRefused("X-16", () -> X509Bundle.parse(TD, crowd));
  }

  @Test
  void bytesThatAreNoCertificates_areRefused() {
    byte[] der = Certificates.encoded(ONE);

    assertBundleRefused("X-16", () -> X509Bundle.parse(TD, new byte[] {0}));
    assertBundleRefused("X-16", () -> X509Bundle.parse(TD, new byte[] {0x30, 0}));
    assertBundleRefused("X-16", () -> X509Bundle.parse(TD, Arrays.copyOf(der, der.length - 1)));
    assertBundleRefused("X-16", () -> X509Bundle.parse(TD, Arrays.copyOf(der, der.length + 1)));
    assertBundleRefused(
        "X-16",
        () -> X509Bundle.parse(TD, Pem.encode(List.of(ONE)).getBytes(StandardCharsets.US_ASCII)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "no certificate here",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\n####\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----"
      })
  void textThatIsNoCertificates_isRefused(String pem) {
    assertBundleRefused("X-16", () -> X509Bundle.parsePem(TD, pem));
  }

  @Test
  void privateKeyInABundleFile_isRefusedAndNotShown() {
    String key = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n";

    assertBundleRefused("X-16", () -> X509Bundle.parsePem(TD, Pem.encode(List.of(ONE)) + key))
        .hasMessageContaining("private key never belongs here")
        .hasMessageNotContaining("c2VjcmV0");
  }

  @Test
  void refusal_namesTheTrustDomain() {
    assertBundleRefused("X-16", () -> X509Bundle.parse(TD, new byte[] {1}))
        .hasMessageStartingWith("bundle of td: ");
  }

  private static X509Bundle bundle(Consumer<CertificateSpec> bend) {
    return TestAuthority.root("td", bend).bundle();
  }

  private static void assertRefused(String rule, Consumer<CertificateSpec> bend) {
    TestAuthority root = TestAuthority.root("td", bend);
    assertBundleRefused(rule, root::bundle);
  }
}
