package dev.signet.ca.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.adapter.crypto.CryptoProvider;
import dev.signet.ca.adapter.x509.BouncyCastleTbsWriter;
import dev.signet.spiffe.SpiffeId;
import java.io.IOException;
import java.math.BigInteger;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a lying or broken writer could write is named and goes nowhere. */
class CertificateLintTest {
  private static final PublicKey KEY = CryptoProvider.jdk().generateP256().getPublic();
  private static final PublicKey ISSUER_KEY = CryptoProvider.jdk().generateP256().getPublic();
  private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");
  private static final String ID = "spiffe://shop.example/ns/shop/sa/cart";

  static CertificateContent content(Profile profile) {
    X500Principal issuer = new X500Principal("CN=Signet authority 1, O=Signet");
    return new CertificateContent(
        profile,
        new SerialNumber(new BigInteger("123456789abcdef0fedcba9876543210", 16)),
        issuer,
        profile == Profile.LEAF ? new X500Principal("") : issuer,
        SpiffeId.parse(profile.isCa() ? "spiffe://shop.example" : ID),
        new Validity(NOW, NOW.plus(Duration.ofHours(1))),
        KEY,
        profile == Profile.ROOT ? Optional.empty() : Optional.of(SubjectKeyId.of(ISSUER_KEY)));
  }

  @ParameterizedTest
  @EnumSource(Profile.class)
  void whatTheWriterWrites_passes(Profile profile) throws NotSoundException {
    byte[] tbs = new BouncyCastleTbsWriter().write(content(profile));
    LintedTbs linted = CertificateLint.check(tbs, content(profile));

    assertThat(linted.sha256()).isEqualTo(Digests.sha256Hex(tbs));
    assertThat(linted.redeem()).isEqualTo(tbs);
    assertThatThrownBy(linted::redeem).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void contentWrittenByHand_passes() throws NotSoundException {
    assertThat(CertificateLint.check(new Leaf().encoded(), content(Profile.LEAF))).isNotNull();
  }

  @ParameterizedTest
  @EnumSource(Profile.class)
  void anyAlteredBit_isRefused(Profile profile) {
    byte[] tbs = new BouncyCastleTbsWriter().write(content(profile));
    for (int bit = 0; bit < tbs.length * 8; bit++) {
      byte[] altered = tbs.clone();
      altered[bit / 8] ^= (byte) (1 << bit % 8);
      assertThatThrownBy(() -> CertificateLint.check(altered, content(profile)))
          .as("bit %d", bit)
          .isInstanceOf(NotSoundException.class);
    }
  }

  @Test
  void trailingAndMissingBytes_areRefused() {
    byte[] tbs = new BouncyCastleTbsWriter().write(content(Profile.LEAF));

    refused(Arrays.copyOf(tbs, tbs.length + 1), "");
    refused(Arrays.copyOf(tbs, tbs.length - 1), "");
    refused(new byte[0], "");
  }

  static Stream<Arguments> lies() {
    return Stream.of(
        lie("X-1: no name", leaf -> leaf.names = null, ""),
        lie("X-1: two names", leaf -> leaf.names = uris(ID, ID + "x"), ""),
        lie("X-2: a second URI", leaf -> leaf.names = uris(ID, "https://x.example"), ""),
        lie("a DNS name besides", leaf -> leaf.names = withDns(), "2.5.29.17"),
        lie("X-4: no path", leaf -> leaf.names = uris("spiffe://shop.example"), "X-"),
        lie("another ID", leaf -> leaf.names = uris(ID + "x"), "its ID is"),
        lie("ID-5: upper case", leaf -> leaf.names = uris("spiffe://SHOP.example/a"), "ID-"),
        lie("X-5: SAN not critical", leaf -> leaf.namesCritical = false, ""),
        lie("X-9: cA true", leaf -> leaf.basic = new BasicConstraints(true), "X-"),
        lie("C-6: no basic constraints", leaf -> leaf.basic = null, "critical extensions"),
        lie("X-11: no key usage", leaf -> leaf.usage = null, "X-11"),
        lie("X-11: usage not critical", leaf -> leaf.usageCritical = false, "X-11"),
        lie("X-13: keyCertSign", leaf -> leaf.usage = usage(KeyUsage.keyCertSign), "X-"),
        lie("X-13: cRLSign", leaf -> leaf.usage = usage(KeyUsage.cRLSign), "X-"),
        lie("keyEncipherment", leaf -> leaf.usage = usage(KeyUsage.keyEncipherment), "key usage"),
        lie("keyAgreement", leaf -> leaf.usage = usage(KeyUsage.keyAgreement), "key usage"),
        lie("decipherOnly", leaf -> leaf.usage = usage(KeyUsage.decipherOnly), "key usage"),
        lie("X-15: client only", leaf -> leaf.purposes = client(), "X-15"),
        lie("X-15: no EKU", leaf -> leaf.purposes = null, "extensions"),
        lie("a third purpose", leaf -> leaf.purposes = three(), "extended key usage"),
        lie("a subject", leaf -> leaf.subject = new X500Name("CN=payments"), "subject"),
        lie("another issuer", leaf -> leaf.issuer = new X500Name("CN=other"), "issuer"),
        lie("another serial", leaf -> leaf.serial = BigInteger.TWO, "serial"),
        lie("R23: a negative serial", leaf -> leaf.serial = leaf.serial.negate(), "serial"),
        lie("SHA-1", leaf -> leaf.algorithm = "1.2.840.10045.4.1", ""),
        lie("SHA-384", leaf -> leaf.algorithm = "1.2.840.10045.4.3.3", "read back"),
        lie("a longer life", leaf -> leaf.notAfter = NOW.plus(Duration.ofHours(2)), "validity"),
        lie("an earlier start", leaf -> leaf.notBefore = NOW.minusSeconds(1), "validity"),
        lie("another key", leaf -> leaf.key = ISSUER_KEY, "public key"),
        lie("another SKI", leaf -> leaf.keyId = SubjectKeyId.of(ISSUER_KEY), "2.5.29.14"),
        lie("another AKI", leaf -> leaf.issuerKeyId = SubjectKeyId.of(KEY), "2.5.29.35"),
        lie("an unknown extension", leaf -> leaf.extra = "1.2.3.4", "extensions"),
        lie("an unknown critical one", Leaf::withCriticalExtra, "critical extensions"),
        lie("name constraints", leaf -> leaf.extra = "2.5.29.30", ""));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("lies")
  void lie_isNamed(String name, Consumer<Leaf> change, String complaint) {
    Leaf leaf = new Leaf();
    change.accept(leaf);

    refused(leaf.encoded(), complaint);
    assertThat(name).isNotEmpty();
  }

  private static void refused(byte[] tbs, String complaint) {
    assertThatThrownBy(() -> CertificateLint.check(tbs, content(Profile.LEAF)))
        .isInstanceOf(NotSoundException.class)
        .hasMessageContaining(complaint);
  }

  private static Arguments lie(String name, Consumer<Leaf> change, String complaint) {
    return Arguments.of(name, change, complaint);
  }

  private static GeneralNames uris(String... uris) {
    return new GeneralNames(
        Arrays.stream(uris)
            .map(uri -> new GeneralName(GeneralName.uniformResourceIdentifier, uri))
            .toArray(GeneralName[]::new));
  }

  private static GeneralNames withDns() {
    return new GeneralNames(
        new GeneralName[] {
          new GeneralName(GeneralName.uniformResourceIdentifier, ID),
          new GeneralName(GeneralName.dNSName, "payments.shop")
        });
  }

  private static KeyUsage usage(int besides) {
    return new KeyUsage(KeyUsage.digitalSignature | besides);
  }

  private static ExtendedKeyUsage client() {
    return new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth);
  }

  private static ExtendedKeyUsage three() {
    return new ExtendedKeyUsage(
        new KeyPurposeId[] {
          KeyPurposeId.id_kp_serverAuth,
          KeyPurposeId.id_kp_clientAuth,
          KeyPurposeId.id_kp_codeSigning
        });
  }

  /** A leaf as it should be, until something is changed. */
  static final class Leaf {
    BigInteger serial = content(Profile.LEAF).serial().value();
    String algorithm = "1.2.840.10045.4.3.2";
    X500Name issuer = X500Name.getInstance(content(Profile.LEAF).issuer().getEncoded());
    X500Name subject = X500Name.getInstance(content(Profile.LEAF).subject().getEncoded());
    Instant notBefore = NOW;
    Instant notAfter = NOW.plus(Duration.ofHours(1));
    PublicKey key = KEY;
    @Nullable GeneralNames names = uris(ID);
    boolean namesCritical = true;
    @Nullable BasicConstraints basic = new BasicConstraints(false);
    @Nullable KeyUsage usage = new KeyUsage(KeyUsage.digitalSignature);
    boolean usageCritical = true;
    @Nullable ExtendedKeyUsage purposes =
        new ExtendedKeyUsage(
            new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth});
    SubjectKeyId keyId = SubjectKeyId.of(KEY);
    SubjectKeyId issuerKeyId = SubjectKeyId.of(ISSUER_KEY);
    @Nullable String extra;
    boolean extraCritical;

    void withCriticalExtra() {
      extra = "1.2.3.4";
      extraCritical = true;
    }

    byte[] encoded() {
      try {
        V3TBSCertificateGenerator tbs = new V3TBSCertificateGenerator();
        tbs.setSerialNumber(new ASN1Integer(serial));
        tbs.setSignature(new AlgorithmIdentifier(new ASN1ObjectIdentifier(algorithm)));
        tbs.setIssuer(issuer);
        tbs.setSubject(subject);
        tbs.setStartDate(new Time(Date.from(notBefore)));
        tbs.setEndDate(new Time(Date.from(notAfter)));
        tbs.setSubjectPublicKeyInfo(SubjectPublicKeyInfo.getInstance(key.getEncoded()));
        tbs.setExtensions(extensions().generate());
        return tbs.generateTBSCertificate().getEncoded(ASN1Encoding.DER);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    private ExtensionsGenerator extensions() throws IOException {
      ExtensionsGenerator extensions = new ExtensionsGenerator();
      if (basic != null) {
        extensions.addExtension(Extension.basicConstraints, true, basic);
      }
      if (usage != null) {
        extensions.addExtension(Extension.keyUsage, usageCritical, usage);
      }
      if (purposes != null) {
        extensions.addExtension(Extension.extendedKeyUsage, false, purposes);
      }
      extensions.addExtension(
          Extension.subjectKeyIdentifier, false, new SubjectKeyIdentifier(keyId.bytes()));
      extensions.addExtension(
          Extension.authorityKeyIdentifier, false, new AuthorityKeyIdentifier(issuerKeyId.bytes()));
      if (names != null) {
        extensions.addExtension(Extension.subjectAlternativeName, namesCritical, names);
      }
      if (extra != null) {
        extensions.addExtension(
            new ASN1ObjectIdentifier(extra), extraCritical, new byte[] {0x30, 0x00});
      }
      return extensions;
    }
  }
}
