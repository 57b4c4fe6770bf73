package dev.signet.spiffe;

import static dev.signet.spiffe.CertificateSpec.NOW;
import static dev.signet.spiffe.Refusals.assertSvidRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked of a peer's leaf; the path above it is always good here. */
class X509SvidVerifierLeafTest {

  private static final TestAuthority ROOT = TestAuthority.root("td");

  @Test
  void x1_exactlyOneUri_isTheId() {
    assertThat(verify("spiffe://td/ns/a/sa/b", spec -> {}).id())
        .isEqualTo(SpiffeId.parse("spiffe://td/ns/a/sa/b"));
  }

  @Test
  void x1_noUri_isRefused() {
    assertRefused("X-1", spec -> spec.noNames().dns("a.example"));
  }

  @Test
  void x1_noAlternativeNameAtAll_isRefused() {
    assertRefused(
        "X-1",
        spec -> {
          spec.noNames();
          spec.subject = "CN=spiffe://td/a";
        });
  }

  @Test
  void x2_twoUris_areRefusedWhateverTheSecond() {
    assertRefused("X-2", spec -> spec.uri("spiffe://td/b"));
    assertRefused("X-2", spec -> spec.uri("https://x"));
    assertRefused("X-2", spec -> spec.uri("spiffe://td/a"));
    assertRefused("X-2", spec -> spec.noNames().uri("https://x").uri("spiffe://td/a"));
  }

  @Test
  void x3_otherNameTypes_areAllowed() {
    assertThat(verify("spiffe://td/a", spec -> spec.dns("a.example").dns("b.example")).id())
        .hasToString("spiffe://td/a");
  }

  @Test
  void x4_x18_leafIdWithoutPath_isRefused() {
    assertRefused("X-18", spec -> spec.noNames().uri("spiffe://td"));
  }

  @Test
  void x5_emptySubject_isAccepted() {
    assertThat(verify("spiffe://td/a", spec -> spec.subject = "").id())
        .hasToString("spiffe://td/a");
  }

  @Test
  void x6_signingCertificate_isNeverAPeer() {
    TestAuthority authority = ROOT.intermediate();

    assertSvidRefused("X-18", () -> verify(List.of(authority.certificate())));
    assertSvidRefused("X-18", () -> verify(List.of(ROOT.certificate())));
  }

  @Test
  void x6_signingCertificateWithAPath_isNeverAPeer() {
    assertRefused(
        "X-17",
        spec -> {
          spec.basicConstraints = new BasicConstraints(true);
          spec.keyUsage = KeyUsage.keyCertSign | KeyUsage.digitalSignature;
        });
  }

  @Test
  void x9_x17_caLeaf_isRefused() {
    assertRefused("X-17", spec -> spec.basicConstraints = new BasicConstraints(true));
  }

  @Test
  void x9_absentBasicConstraints_areNoCa() {
    assertThat(verify("spiffe://td/a", spec -> spec.basicConstraints = null).id())
        .hasToString("spiffe://td/a");
  }

  @Test
  void x11_missingKeyUsage_isRefused() {
    assertRefused("X-11", spec -> spec.keyUsage = null);
  }

  @Test
  void x11_keyUsageThatIsNotCritical_isRefused() {
    assertRefused("X-11", spec -> spec.keyUsageCritical = false);
  }

  @Test
  void x13_noDigitalSignature_isRefused() {
    assertRefused("X-13", spec -> spec.keyUsage = KeyUsage.keyEncipherment);
  }

  @Test
  void x13_keyEnciphermentAndAgreement_areOptional() {
    assertThat(
            verify(
                    "spiffe://td/a",
                    spec ->
                        spec.keyUsage =
                            KeyUsage.digitalSignature
                                | KeyUsage.keyEncipherment
                                | KeyUsage.keyAgreement)
                .id())
        .hasToString("spiffe://td/a");
  }

  @ParameterizedTest
  @ValueSource(ints = {KeyUsage.keyCertSign, KeyUsage.cRLSign})
  void x13_x17_signingBits_areRefused(int bit) {
    assertRefused("X-17", spec -> spec.keyUsage = KeyUsage.digitalSignature | bit);
  }

  @Test
  void x15_absentExtendedKeyUsage_isAccepted() {
    assertThat(verify("spiffe://td/a", spec -> spec.purposes = null).id())
        .hasToString("spiffe://td/a");
  }

  @Test
  void x15_onlyOneOfTheTwoPurposes_isRefused() {
    assertRefused("X-15", spec -> spec.purposes = purposes(KeyPurposeId.id_kp_clientAuth));
    assertRefused("X-15", spec -> spec.purposes = purposes(KeyPurposeId.id_kp_serverAuth));
    assertRefused("X-15", spec -> spec.purposes = purposes(KeyPurposeId.anyExtendedKeyUsage));
  }

  /** CVE-2026-40097: an empty extended key usage made another verifier panic. */
  @Test
  void x15_emptyExtendedKeyUsage_isRefused() {
    assertRefused("X-15", spec -> spec.purposes = purposes());
  }

  @Test
  void x15_furtherPurposes_areAccepted() {
    assertThat(
            verify(
                    "spiffe://td/a",
                    spec ->
                        spec.purposes =
                            purposes(
                                KeyPurposeId.id_kp_codeSigning,
                                KeyPurposeId.id_kp_clientAuth,
                                KeyPurposeId.id_kp_serverAuth))
                .id())
        .hasToString("spiffe://td/a");
  }

  @Test
  void x18_otherScheme_isRefused() {
    assertRefused("ID-1", spec -> spec.noNames().uri("https://td/a"));
    assertRefused("ID-1", spec -> spec.noNames().uri("Spiffe://td/a"));
    assertRefused("ID-1", spec -> spec.noNames().uri("urn:spiffe:td"));
  }

  @Test
  void id1_to_id14_illegalIdInACertificate_isRefusedByItsRule() {
    assertRefused("ID-2", spec -> spec.noNames().uri("spiffe:///a"));
    assertRefused("ID-3", spec -> spec.noNames().uri("spiffe://td/a?x"));
    assertRefused("ID-4", spec -> spec.noNames().uri("spiffe://td:443/a"));
    assertRefused("ID-5", spec -> spec.noNames().uri("spiffe://TD/a"));
    assertRefused("ID-6", spec -> spec.noNames().uri("spiffe://td~x/a"));
    assertRefused("ID-9", spec -> spec.noNames().uri("spiffe://td/%61"));
    assertRefused("ID-10", spec -> spec.noNames().uri("spiffe://td/a~"));
    assertRefused("ID-11", spec -> spec.noNames().uri("spiffe://td/../a"));
    assertRefused("ID-12", spec -> spec.noNames().uri("spiffe://td/a/"));
    assertRefused("ID-13", spec -> spec.noNames().uri("spiffe://td/" + "a".repeat(2048)));
    assertRefused("ID-14", spec -> spec.noNames().uri("spiffe://" + "a".repeat(256) + "/a"));
  }

  @Test
  void id18_idAndKey_areReadFromTheSignedPayload() {
    TestAuthority.Issued leaf = ROOT.leaf("spiffe://td/aaaa");
    byte[] forged = Certificates.encoded(leaf.certificate());
    int at = indexOf(forged, "spiffe://td/aaaa".getBytes(StandardCharsets.US_ASCII));
    forged[at + "spiffe://td/".length()] = 'b';
    PresentedX509Chain chain = PresentedX509Chain.parse(forged);

    assertSvidRefused("X-16", () -> X509SvidVerifier.verify(chain, bundles(), NOW))
        .hasMessageContaining("not valid");
  }

  private static void assertRefused(String rule, Consumer<CertificateSpec> bend) {
    X509Certificate leaf = ROOT.leaf("spiffe://td/a", noSanCriticality(bend)).certificate();
    assertSvidRefused(rule, () -> verify(List.of(leaf)));
  }

  /** Not critical, so that the JDK parses even names that it does not understand. */
  private static Consumer<CertificateSpec> noSanCriticality(Consumer<CertificateSpec> bend) {
    return spec -> {
      spec.subject = "CN=peer";
      spec.sanCritical = false;
      bend.accept(spec);
    };
  }

  private static VerifiedX509Svid verify(String uri, Consumer<CertificateSpec> bend) {
    return verify(List.of(ROOT.leaf(uri, bend).certificate()));
  }

  private static VerifiedX509Svid verify(List<X509Certificate> chain) {
    return X509SvidVerifier.verify(PresentedX509Chain.of(chain), bundles(), NOW);
  }

  private static X509BundleSet bundles() {
    return X509BundleSet.of(ROOT.bundle());
  }

  private static KeyPurposeId[] purposes(KeyPurposeId... purposes) {
    return purposes;
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    for (int i = 0; i <= bytes.length - part.length; i++) {
      if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
        return i;
      }
    }
    throw new AssertionError("not found");
  }
}
