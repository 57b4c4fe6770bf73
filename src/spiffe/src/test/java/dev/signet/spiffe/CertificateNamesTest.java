package dev.signet.spiffe;

import static dev.signet.spiffe.CertificateSpec.NOW;
import static dev.signet.spiffe.Refusals.assertSvidRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.function.Consumer;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.X509CertificateHolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * SPIFFE IDs as they stand in certificates, byte by byte.
 *
 * <p>The JDK's own reading of these names differs from ours in known ways, none of which may show:
 * it takes a byte above 0x7f for a character, refuses to parse critical names with a NUL, and on
 * Java 17 drops all names when one in an extension that is not critical is no URI.
 */
class CertificateNamesTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a_b.c-1",
        "-x.",
        "10.0.0.1",
        "a..b",
        "...",
        ".",
        "..",
        ".td",
        "-",
        "_",
        "1",
        "999.1",
        "256.256.256.256",
        "a.b-",
        "0x7f.1"
      })
  void id6_id8_anyLegalTrustDomain_isVerified(String name) {
    TestAuthority root = TestAuthority.root(name);
    TestAuthority authority = root.intermediate();
    String id = "spiffe://" + name + "/ns/a/sa/b";

    for (boolean critical : new boolean[] {true, false}) {
      TestAuthority.Issued leaf =
          authority.leaf(
              id,
              spec -> {
                spec.sanCritical = critical;
                spec.subject = critical ? "" : "CN=peer";
              });

      assertThat(
              X509SvidVerifier.verify(
                      TestAuthority.present(leaf, authority), X509BundleSet.of(root.bundle()), NOW)
                  .id())
          .hasToString(id);
    }
  }

  /**
   * The one limit: a trust domain that is a host name with a trailing dot works only where the name
   * is not critical (the certificate has a subject). Java cannot parse the certificate otherwise,
   * and neither can Java's TLS.
   */
  @Test
  void id8_trailingDot_isVerifiedUnlessTheNameIsCritical() {
    TestAuthority root = TestAuthority.root("shop.example.");
    String id = "spiffe://shop.example./a";
    byte[] critical = root.leafDer(id, spec -> {});
    byte[] named =
        root.leafDer(
            id,
            spec -> {
              spec.sanCritical = false;
              spec.subject = "CN=peer";
            });

    assertThat(verify(root, named).id()).hasToString(id);
    assertSvidRefused("X-16", () -> verify(root, critical))
        .hasMessageContaining("invalid URI name");
  }

  @Test
  void id13_id14_longestLegalId_isVerified() {
    String name = "a".repeat(255);
    String id = "spiffe://" + name + "/" + "b".repeat(2048 - 9 - 255 - 1);
    TestAuthority root = TestAuthority.root(name, spec -> spec.subject = "CN=root");

    assertThat(verify(root, root.leafDer(id, spec -> {})).id().toString()).hasSize(2048);
  }

  @Test
  void id15_idIsNotFolded() {
    TestAuthority root = TestAuthority.root("td");

    assertThat(verify(root, root.leafDer("spiffe://td/ns/A", spec -> {})).id())
        .isNotEqualTo(SpiffeId.parse("spiffe://td/ns/a"));
  }

  @Test
  void i9_nulInAUri_isRefused() {
    assertUriRefused("spiffe://td/a\0".getBytes(StandardCharsets.US_ASCII));
    assertUriRefused("spiffe://td\0.evil/a".getBytes(StandardCharsets.US_ASCII));
    assertUriRefused("\0spiffe://td/a".getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void i9_emptyUri_isRefused() {
    assertUriRefused(new byte[0]);
  }

  @Test
  void i7_all256BytesAtEachPlaceOfAUri_areVerifiedAsTheyAreOrRefused() {
    byte[] id = "spiffe://td/a".getBytes(StandardCharsets.US_ASCII);
    for (int place = 0; place < id.length; place++) {
      for (int value = 0; value < 256; value++) {
        byte[] changed = id.clone();
        changed[place] = (byte) value;
        String text = new String(changed, StandardCharsets.ISO_8859_1);
        byte[] names = generalNames(changed);

        assertThat(outcome(names)).isEqualTo(expected(text));
      }
    }
  }

  @Test
  void x2_secondNameExtension_isRefused() throws Exception {
    TestAuthority root = TestAuthority.root("td");
    X509CertificateHolder leaf =
        new X509CertificateHolder(root.leafDer("spiffe://td/a", spec -> {}));
    Extension second =
        new Extension(
            Extension.subjectAlternativeName,
            false,
            generalNames("spiffe://td/b".getBytes(StandardCharsets.US_ASCII)));

    byte[] twice = withExtension(leaf, second, root.key().getPrivate());

    assertSvidRefused("X-16", () -> verify(root, twice)).hasMessageContaining("uplicate");
  }

  @Test
  void x2_uriInConstructedForm_isRefused() {
    byte[] names = {0x30, 0x04, (byte) 0xa6, 0x02, 0x04, 0x00};

    assertThat(outcome(names)).isEqualTo("refused");
  }

  /** The certificate with one more extension, signed anew; no builder makes such a thing. */
  private static byte[] withExtension(
      X509CertificateHolder certificate, Extension extension, PrivateKey key) throws Exception {
    ASN1EncodableVector fields = new ASN1EncodableVector();
    for (ASN1Encodable field :
        ASN1Sequence.getInstance(certificate.toASN1Structure().getTBSCertificate())) {
      if (field instanceof ASN1TaggedObject tagged && tagged.hasContextTag(3)) {
        ASN1EncodableVector extensions = new ASN1EncodableVector();
        ASN1Sequence.getInstance(tagged, true).forEach(extensions::add);
        extensions.add(extension);
        fields.add(new DERTaggedObject(true, 3, new DERSequence(extensions)));
      } else {
        fields.add(field);
      }
    }
    DERSequence toBeSigned = new DERSequence(fields);
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(key);
    signature.update(toBeSigned.getEncoded());
    return new DERSequence(
            new ASN1Encodable[] {
              toBeSigned, certificate.getSignatureAlgorithm(), new DERBitString(signature.sign())
            })
        .getEncoded();
  }

  private static String expected(String text) {
    try {
      return SpiffeId.parse(text).toString();
    } catch (InvalidSpiffeIdException e) {
      return "refused";
    }
  }

  private static String outcome(byte[] names) {
    try {
      return SubjectAlternativeNames.parse(names).spiffeId().toString();
    } catch (BrokenRuleException e) {
      return "refused";
    }
  }

  private static byte[] generalNames(byte[] uri) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {0x30, (byte) (uri.length + 2), (byte) 0x86, (byte) uri.length});
    out.writeBytes(uri);
    return out.toByteArray();
  }

  /** Critical or not, which take different ways through the JDK. */
  private static void assertUriRefused(byte[] uri) {
    TestAuthority root = TestAuthority.root("td");
    for (boolean critical : new boolean[] {true, false}) {
      Consumer<CertificateSpec> bend =
          spec -> {
            spec.noNames().rawUri(uri);
            spec.sanCritical = critical;
            spec.subject = "CN=peer";
          };
      byte[] der = root.leafDer("spiffe://td/a", bend);

      assertThat(catchThrowableOfType(InvalidX509SvidException.class, () -> verify(root, der)))
          .isNotNull();
    }
  }

  private static VerifiedX509Svid verify(TestAuthority root, byte[] leaf) {
    return X509SvidVerifier.verify(
        PresentedX509Chain.parse(leaf), X509BundleSet.of(root.bundle()), NOW);
  }
}
