package dev.signet.spiffe;

import static dev.signet.spiffe.CertificateSpec.NOW;
import static dev.signet.spiffe.Refusals.assertSvidRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;

/** One's own SVID: every rule for issuers, and the key. */
class X509SvidTest {

  private static final TestAuthority AUTHORITY = TestAuthority.root("td").intermediate();

  @Test
  void svid_showsWhatItsLeafSays() {
    TestAuthority.Issued leaf = AUTHORITY.leaf("spiffe://td/ns/a/sa/b");
    List<X509Certificate> chain = List.of(leaf.certificate(), AUTHORITY.certificate());

    X509Svid svid = X509Svid.of(chain, leaf.key().getPrivate());

    assertThat(svid.id()).hasToString("spiffe://td/ns/a/sa/b");
    assertThat(svid.chain()).isEqualTo(chain);
    assertThat(svid.leaf()).isEqualTo(leaf.certificate());
    assertThat(svid.privateKey()).isEqualTo(leaf.key().getPrivate());
    assertThat(svid.chainDer()).isEqualTo(Certificates.concatenated(chain));
    assertThat(svid.notBefore()).isEqualTo(NOW.minusSeconds(3600));
    assertThat(svid.notAfter()).isEqualTo(NOW.plusSeconds(3600));
    assertThat(svid.serial()).isEqualTo("abcdef");
  }

  @Test
  void serial_isLowerCaseHexWithoutLeadingZeros() {
    assertThat(issued(spec -> spec.serial = BigInteger.valueOf(0x0A)).serial()).isEqualTo("a");
    assertThat(issued(spec -> spec.serial = new BigInteger("ff".repeat(16), 16)).serial())
        .isEqualTo("ff".repeat(16));
  }

  @Test
  void w29_derAndPkcs8_comeBackAsTheSameSvid() {
    for (KeyPair key : List.of(TestKeys.next(), TestKeys.rsa(2048), TestKeys.ed("Ed25519"))) {
      TestAuthority.Issued leaf = AUTHORITY.leaf("spiffe://td/a", spec -> spec.key = key);
      byte[] chain =
          Certificates.concatenated(List.of(leaf.certificate(), AUTHORITY.certificate()));

      X509Svid svid = X509Svid.parse(chain, key.getPrivate().getEncoded());

      assertThat(svid.chainDer()).isEqualTo(chain);
      assertThat(svid.privateKey().getEncoded()).isEqualTo(key.getPrivate().getEncoded());
    }
  }

  @Test
  void w29_keyOfAnotherCertificate_isRefused() {
    List<X509Certificate> chain = List.of(AUTHORITY.leaf("spiffe://td/a").certificate());

    assertSvidRefused("W-29", () -> X509Svid.of(chain, TestKeys.next().getPrivate()));
    assertSvidRefused("W-29", () -> X509Svid.of(chain, TestKeys.rsa(2048).getPrivate()));
    assertSvidRefused("W-29", () -> X509Svid.of(chain, TestKeys.ec("secp384r1").getPrivate()));
  }

  @Test
  void w29_generatedPair_isTakenWithItsOwnCertificateAlone() {
    TestAuthority.Issued leaf = AUTHORITY.leaf("spiffe://td/a");
    List<X509Certificate> chain = List.of(leaf.certificate(), AUTHORITY.certificate());

    X509Svid svid = X509Svid.ofGenerated(chain, leaf.key());

    assertThat(svid.chain()).isEqualTo(chain);
    assertThat(svid.privateKey()).isEqualTo(leaf.key().getPrivate());
    assertSvidRefused("W-29", () -> X509Svid.ofGenerated(chain, TestKeys.next()));
    assertSvidRefused("W-29", () -> X509Svid.ofGenerated(chain, TestKeys.rsa(2048)));
    assertSvidRefused(
        BrokenRuleException.PATH,
        () ->
            X509Svid.ofGenerated(
                List.of(leaf.certificate(), TestAuthority.root("td").certificate()), leaf.key()));
  }

  @Test
  void w29_bytesThatAreNoKey_areRefusedAndNotShown() {
    TestAuthority.Issued leaf = AUTHORITY.leaf("spiffe://td/a");
    byte[] chain = Certificates.encoded(leaf.certificate());
    byte[] key = leaf.key().getPrivate().getEncoded();

    for (byte[] bad :
        List.of(new byte[0], new byte[] {0x30, 0}, Arrays.copyOf(key, key.length - 1))) {
      assertSvidRefused("W-29", () -> X509Svid.parse(chain, bad)).hasNoCause();
    }
  }

  @Test
  void toString_hidesTheKey() {
    TestAuthority.Issued leaf = AUTHORITY.leaf("spiffe://td/a");
    byte[] key = leaf.key().getPrivate().getEncoded();
    X509Svid svid = X509Svid.of(List.of(leaf.certificate()), leaf.key().getPrivate());

    assertThat(svid.toString())
        .isEqualTo("X509Svid[spiffe://td/a, serial abcdef, until 2026-06-01T13:00:00Z, key hidden]")
        .doesNotContain(Base64.getEncoder().encodeToString(key))
        .doesNotContain(HexFormat.of().formatHex(key));
  }

  @Test
  void x1_noUri_isRefused() {
    assertRefused("X-1", spec -> spec.noNames().dns("a.example"));
  }

  @Test
  void x2_twoUris_areRefused() {
    assertRefused("X-2", spec -> spec.uri("https://x"));
  }

  @Test
  void x4_leafIdWithoutPath_isRefused() {
    assertRefused("X-18", spec -> spec.noNames().uri("spiffe://td"));
  }

  /** The JDK does not even parse it. */
  @Test
  void x5_emptySubjectWithUncriticalNames_isRefused() {
    byte[] leaf = AUTHORITY.leafDer("spiffe://td/a", spec -> spec.sanCritical = false);

    assertSvidRefused("X-16", () -> IssuedX509Chain.parse(leaf))
        .hasMessageContaining("MUST be marked critical");
  }

  @Test
  void x5_subjectWithUncriticalNames_isAccepted() {
    assertThat(
            issued(
                    spec -> {
                      spec.subject = "O=shop";
                      spec.sanCritical = false;
                    })
                .id())
        .hasToString("spiffe://td/a");
  }

  @Test
  void x9_caLeaf_isRefused() {
    assertRefused("X-17", spec -> spec.basicConstraints = new BasicConstraints(true));
  }

  @Test
  void x11_keyUsageMissingOrNotCritical_isRefused() {
    assertRefused("X-11", spec -> spec.keyUsage = null);
    assertRefused("X-11", spec -> spec.keyUsageCritical = false);
  }

  @Test
  void x13_wrongKeyUsage_isRefused() {
    assertRefused("X-13", spec -> spec.keyUsage = KeyUsage.keyAgreement);
    assertRefused("X-17", spec -> spec.keyUsage = KeyUsage.digitalSignature | KeyUsage.keyCertSign);
    assertRefused("X-17", spec -> spec.keyUsage = KeyUsage.digitalSignature | KeyUsage.cRLSign);
  }

  @Test
  void x15_extendedKeyUsageOfClientsOnly_isRefused() {
    assertRefused(
        "X-15", spec -> spec.purposes = new KeyPurposeId[] {KeyPurposeId.id_kp_clientAuth});
  }

  @Test
  void x9_x12_chainWithACertificateThatSignsNothing_isRefused() {
    TestAuthority.Issued leaf = AUTHORITY.leaf("spiffe://td/a");
    TestAuthority.Issued other = AUTHORITY.leaf("spiffe://td/b");

    assertSvidRefused(
        "X-9", () -> IssuedX509Chain.of(List.of(leaf.certificate(), other.certificate())));
  }

  /** A torn chain: the leaf of one authority with the certificate of another. */
  @Test
  void x16_chainThatDoesNotHangTogether_isRefused() {
    TestAuthority.Issued leaf = AUTHORITY.leaf("spiffe://td/a");
    TestAuthority sameName = TestAuthority.root("td").intermediate();
    TestAuthority otherName = TestAuthority.root("other");

    for (TestAuthority wrong : List.of(sameName, otherName)) {
      assertSvidRefused(
              "X-16", () -> IssuedX509Chain.of(List.of(leaf.certificate(), wrong.certificate())))
          .hasMessageContaining("not signed by the next");
    }
  }

  @Test
  void x16_emptyOrHugeChain_isRefused() {
    X509Certificate leaf = AUTHORITY.leaf("spiffe://td/a").certificate();

    assertSvidRefused("X-16", () -> IssuedX509Chain.of(List.of()));
    assertSvidRefused("X-16", () -> IssuedX509Chain.parse(new byte[0]));
    assertSvidRefused("X-16", () -> IssuedX509Chain.of(Collections.nCopies(9, leaf)));
  }

  @Test
  void x16_weakSignatureOrKey_isRefused() {
    assertRefused("X-16", spec -> spec.signatureAlgorithm = "SHA1withECDSA");
    assertRefused("X-16", spec -> spec.key = TestKeys.rsa(1024));
  }

  private static IssuedX509Chain issued(Consumer<CertificateSpec> bend) {
    return IssuedX509Chain.of(List.of(AUTHORITY.leaf("spiffe://td/a", bend).certificate()));
  }

  private static void assertRefused(String rule, Consumer<CertificateSpec> bend) {
    TestAuthority.Issued leaf = AUTHORITY.leaf("spiffe://td/a", bend);
    assertSvidRefused(
        rule, () -> X509Svid.of(List.of(leaf.certificate()), leaf.key().getPrivate()));
  }
}
