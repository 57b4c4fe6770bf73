package dev.signet.spiffe;

import static dev.signet.spiffe.CertificateSpec.NOW;
import static dev.signet.spiffe.Refusals.assertSvidRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Test;

class PresentedX509ChainTest {

  private static final TestAuthority ROOT = TestAuthority.root("td");
  private static final X509Certificate LEAF = ROOT.leaf("spiffe://td/a").certificate();

  @Test
  void certificates_areThoseThatWereShown() {
    List<X509Certificate> shown = List.of(LEAF, ROOT.certificate());

    assertThat(PresentedX509Chain.of(shown).certificates()).isEqualTo(shown);
    assertThat(PresentedX509Chain.parse(Certificates.concatenated(shown)).certificates())
        .isEqualTo(shown);
    assertThat(PresentedX509Chain.of(shown))
        .hasToString("PresentedX509Chain[2 certificates, not verified]");
  }

  @Test
  void i9_noCertificate_isRefused() {
    assertSvidRefused("X-16", () -> PresentedX509Chain.of(List.of()));
    assertSvidRefused("X-16", () -> PresentedX509Chain.parse(new byte[0]));
  }

  @Test
  void i9_8Certificates_areTheLimit() {
    assertThat(PresentedX509Chain.of(Collections.nCopies(8, LEAF)).certificates()).hasSize(8);
    assertSvidRefused("X-16", () -> PresentedX509Chain.of(Collections.nCopies(9, LEAF)));
  }

  @Test
  void i9_moreThan64KiB_isRefused() {
    X509Certificate huge =
        ROOT.leaf("spiffe://td/a", spec -> spec.dns("a".repeat(40_000))).certificate();

    assertThat(PresentedX509Chain.of(List.of(huge)).certificates()).hasSize(1);
    assertSvidRefused("X-16", () -> PresentedX509Chain.of(List.of(huge, huge)))
        .hasMessageContaining("64 KiB");
    assertSvidRefused("X-16", () -> PresentedX509Chain.parse(new byte[(64 << 10) + 1]))
        .hasMessageContaining("64 KiB");
  }

  @Test
  void trailingBytes_areRefused() {
    byte[] der = Certificates.encoded(LEAF);

    assertSvidRefused("X-16", () -> PresentedX509Chain.parse(Arrays.copyOf(der, der.length + 1)));
    assertSvidRefused("X-16", () -> PresentedX509Chain.parse(Arrays.copyOf(der, der.length - 1)));
  }

  @Test
  void certificateOfAnotherProvider_isReadAnewFromItsBytes() throws CertificateException {
    X509Certificate foreign =
        new JcaX509CertificateConverter()
            .setProvider(new BouncyCastleProvider())
            .getCertificate(holder(LEAF));

    PresentedX509Chain chain = PresentedX509Chain.of(List.of(foreign));

    assertThat(foreign.getClass()).isNotEqualTo(LEAF.getClass());
    assertThat(chain.certificates().get(0)).isEqualTo(LEAF).hasSameClassAs(LEAF);
    assertThat(X509SvidVerifier.verify(chain, X509BundleSet.of(ROOT.bundle()), NOW).id())
        .hasToString("spiffe://td/a");
  }

  /** Whatever the bytes, the answer is the one identity that was signed, or a refusal. */
  @Test
  void i9_anyByteChangedCutOrAdded_neverYieldsAnotherIdentity() {
    X509BundleSet bundles = X509BundleSet.of(ROOT.bundle());
    byte[] der = Certificates.encoded(LEAF);
    long seed = new SecureRandom().nextLong();
    Random random = new Random(seed);
    for (int at = 0; at < der.length; at++) {
      byte[] changed = der.clone();
      changed[at] ^= (byte) (1 + random.nextInt(255));

      assertThat(outcome(changed, bundles)).as("seed %d, byte %d", seed, at).isEqualTo("refused");
      assertThat(outcome(Arrays.copyOf(der, at), bundles)).isEqualTo("refused");
    }
    assertThat(outcome(der, bundles)).isEqualTo("spiffe://td/a");
  }

  private static String outcome(byte[] der, X509BundleSet bundles) {
    try {
      return X509SvidVerifier.verify(PresentedX509Chain.parse(der), bundles, NOW).id().toString();
    } catch (InvalidX509SvidException e) {
      return "refused";
    }
  }

  private static X509CertificateHolder holder(X509Certificate certificate)
      throws CertificateException {
    return new JcaX509CertificateHolder(certificate);
  }
}
