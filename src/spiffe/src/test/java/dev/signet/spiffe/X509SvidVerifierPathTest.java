package dev.signet.spiffe;

import static dev.signet.spiffe.CertificateSpec.NOW;
import static dev.signet.spiffe.Refusals.assertSvidRefused;
import static dev.signet.spiffe.TestAuthority.present;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPair;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.AbstractThrowableAssert;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 5280 path validation, and what Signet asks beyond it of signing certificates. */
class X509SvidVerifierPathTest {

  private static final String ID = "spiffe://td/a";

  @Test
  void x16_leafUnderTheRoot_isVerified() {
    TestAuthority root = TestAuthority.root("td");
    TestAuthority.Issued leaf = root.leaf(ID);

    VerifiedX509Svid svid = verify(root, present(leaf));

    assertThat(svid.id()).hasToString(ID);
    assertThat(svid.leaf()).isEqualTo(leaf.certificate());
    assertThat(svid.authority()).isEqualTo(root.certificate());
    assertThat(svid.path()).containsExactly(leaf.certificate(), root.certificate());
    assertThat(svid).hasToString("VerifiedX509Svid[spiffe://td/a, until 2026-06-01T13:00:00Z]");
  }

  @Test
  void x16_leafUnderIntermediates_isVerifiedWithItsWholePath() {
    TestAuthority root = TestAuthority.root("td");
    TestAuthority upper = root.intermediate(spec -> spec.subject = "CN=upper");
    TestAuthority lower = upper.intermediate(spec -> spec.subject = "CN=lower");
    TestAuthority.Issued leaf = lower.leaf(ID);

    assertThat(verify(root, present(leaf, lower, upper)).path())
        .containsExactly(
            leaf.certificate(), lower.certificate(), upper.certificate(), root.certificate());
  }

  @Test
  void x16_disorderRepetitionsAndTheRootItself_doNotHinderThePath() {
    TestAuthority root = TestAuthority.root("td");
    TestAuthority upper = root.intermediate(spec -> spec.subject = "CN=upper");
    TestAuthority lower = upper.intermediate(spec -> spec.subject = "CN=lower");
    TestAuthority stranger = TestAuthority.root("other");
    TestAuthority.Issued leaf = lower.leaf(ID);

    assertThat(verify(root, present(leaf, root, stranger, upper, lower, upper)).path()).hasSize(4);
  }

  @Test
  void x16_missingIntermediate_isRefused() {
    TestAuthority root = TestAuthority.root("td");

    assertRefused(root, present(root.intermediate().leaf(ID)))
        .hasMessageContaining("no path leads to an authority")
        .hasMessageContaining("CN=issuing authority of td");
  }

  @Test
  void x16_leafOfAnAuthorityThatIsNotInTheBundle_isRefused() {
    TestAuthority root = TestAuthority.root("td");
    TestAuthority forger = TestAuthority.root("td");

    assertRefused(root, present(forger.leaf(ID)));
    assertRefused(root, present(forger.leaf(ID), forger));
  }

  @Test
  void x16_emptyBundle_vouchesForNobody() {
    TestAuthority root = TestAuthority.root("td");
    X509BundleSet bundles = X509BundleSet.of(X509Bundle.of(root.trustDomain(), List.of()));

    assertSvidRefused("X-16", () -> X509SvidVerifier.verify(present(root.leaf(ID)), bundles, NOW));
  }

  @Test
  void w28_trustDomainWithoutABundle_isRefused() {
    TestAuthority root = TestAuthority.root("td");
    TestAuthority other = TestAuthority.root("other");

    assertSvidRefused("W-28", () -> verify(root, present(other.leaf("spiffe://other/a"))))
        .hasMessageContaining("federate");
  }

  /** T40: a taken authority of one trust domain cannot name workloads of another. */
  @Test
  void w28_authorityOfOneTrustDomain_cannotNameAnother() {
    TestAuthority root = TestAuthority.root("td");
    TestAuthority other = TestAuthority.root("other");
    X509BundleSet both = X509BundleSet.of(root.bundle(), other.bundle());

    assertSvidRefused(
        "X-16", () -> X509SvidVerifier.verify(present(root.leaf("spiffe://other/a")), both, NOW));
    assertThat(X509SvidVerifier.verify(present(other.leaf("spiffe://other/a")), both, NOW).id())
        .hasToString("spiffe://other/a");
  }

  @Test
  void x16_validity_includesItsFirstAndLastSecond() {
    TestAuthority root = TestAuthority.root("td", spec -> spec.notAfter = NOW.plusSeconds(9999));
    PresentedX509Chain chain = present(root.leaf(ID));
    X509BundleSet bundles = X509BundleSet.of(root.bundle());
    Instant first = NOW.minusSeconds(3600);
    Instant last = NOW.plusSeconds(3600);

    assertThat(X509SvidVerifier.verify(chain, bundles, first).notAfter()).isEqualTo(last);
    assertThat(X509SvidVerifier.verify(chain, bundles, last).notAfter()).isEqualTo(last);
    assertSvidRefused("X-16", () -> X509SvidVerifier.verify(chain, bundles, first.minusMillis(1)));
    assertSvidRefused("X-16", () -> X509SvidVerifier.verify(chain, bundles, last.plusMillis(1)))
        .hasMessageContaining("until 2026-06-01T13:00:00Z, and it is 2026-06-01T13:00:00.001Z");
  }

  @Test
  void x16_expiredIntermediate_isRefused() {
    TestAuthority root = TestAuthority.root("td");
    TestAuthority authority = root.intermediate(X509SvidVerifierPathTest::expired);

    assertRefused(root, present(authority.leaf(ID), authority)).hasMessageContaining("valid from");
  }

  @Test
  void x16_earlyIntermediate_isRefused() {
    TestAuthority root = TestAuthority.root("td");
    TestAuthority authority = root.intermediate(spec -> spec.notBefore = NOW.plusSeconds(1));

    assertRefused(root, present(authority.leaf(ID), authority)).hasMessageContaining("valid from");
  }

  @Test
  void x16_expiredRoot_isRefused() {
    TestAuthority root = TestAuthority.root("td", X509SvidVerifierPathTest::expired);

    assertRefused(root, present(root.leaf(ID))).hasMessageContaining("valid from");
  }

  @Test
  void x16_renewedRootOfTheSameKey_isFoundBesideTheExpiredOne() {
    TestAuthority old = TestAuthority.root("td", X509SvidVerifierPathTest::expired);
    TestAuthority renewed = TestAuthority.root("td", spec -> spec.key = old.key());
    X509Bundle both =
        X509Bundle.of(old.trustDomain(), List.of(old.certificate(), renewed.certificate()));

    assertThat(
            X509SvidVerifier.verify(present(old.leaf(ID)), X509BundleSet.of(both), NOW).authority())
        .isEqualTo(renewed.certificate());
  }

  @Test
  void x16_notAfter_isTheEarliestOnThePath() {
    Instant soon = NOW.plusSeconds(60);
    TestAuthority root = TestAuthority.root("td");
    TestAuthority authority = root.intermediate(spec -> spec.notAfter = soon);

    assertThat(verify(root, present(authority.leaf(ID), authority)).notAfter()).isEqualTo(soon);
  }

  @Test
  void x16_unknownCriticalExtension_isRefusedAnywhere() {
    TestAuthority root = TestAuthority.root("td");
    TestAuthority authority = root.intermediate(spec -> spec.unknownCriticalExtension = true);

    assertRefused(root, present(root.leaf(ID, spec -> spec.unknownCriticalExtension = true)));
    assertRefused(root, present(authority.leaf(ID), authority));
  }

  @Test
  void x16_pathLengthOfAnIntermediate_binds() {
    TestAuthority root = TestAuthority.root("td");
    TestAuthority upper = root.intermediate(spec -> spec.pathLength(0).subject = "CN=upper");
    TestAuthority lower = upper.intermediate(spec -> spec.subject = "CN=lower");

    assertThat(verify(root, present(upper.leaf(ID), upper)).path()).hasSize(3);
    assertRefused(root, present(lower.leaf(ID), lower, upper)).hasMessageContaining("path");
  }

  @Test
  void x10_x16_pathLengthOfTheRoot_binds() {
    TestAuthority root = TestAuthority.root("td", spec -> spec.pathLength(0));
    TestAuthority authority = root.intermediate();

    assertThat(verify(root, present(root.leaf(ID))).path()).hasSize(2);
    assertRefused(root, present(authority.leaf(ID), authority))
        .hasMessageContaining("allows 0 intermediates");
  }

  @Test
  void x9_intermediateThatIsNoCa_isRefused() {
    TestAuthority root = TestAuthority.root("td");

    for (BasicConstraints constraints :
        new BasicConstraints[] {null, new BasicConstraints(false)}) {
      TestAuthority fake = root.intermediate(spec -> spec.basicConstraints = constraints);
      assertSvidRefused("X-9", () -> verify(root, present(fake.leaf(ID), fake)));
    }
  }

  @Test
  void x9_leafAsIssuer_isRefused() {
    TestAuthority root = TestAuthority.root("td");
    TestAuthority.Issued peer = root.leaf("spiffe://td/b", spec -> spec.subject = "CN=peer");
    TestAuthority peerAsIssuer =
        new TestAuthority(root.trustDomain(), peer.certificate(), peer.key());

    assertSvidRefused("X-9", () -> verify(root, present(peerAsIssuer.leaf(ID), peerAsIssuer)));
  }

  @Test
  void x11_x12_intermediateWithoutTheRightKeyUsage_isRefused() {
    TestAuthority root = TestAuthority.root("td");
    assertIntermediateRefused("X-11", root, spec -> spec.keyUsage = null);
    assertIntermediateRefused("X-11", root, spec -> spec.keyUsageCritical = false);
    assertIntermediateRefused("X-12", root, spec -> spec.keyUsage = KeyUsage.cRLSign);
    assertIntermediateRefused("X-12", root, spec -> spec.keyUsage = KeyUsage.digitalSignature);
  }

  /** The bundle refuses such a root, so that no verifier is ever asked. */
  @Test
  void x12_rootWithoutKeyCertSign_neverBecomesAnAuthority() {
    TestAuthority root = TestAuthority.root("td", spec -> spec.keyUsage = KeyUsage.cRLSign);

    Refusals.assertBundleRefused("X-12", root::bundle);
  }

  @Test
  void x8_intermediateWithAPath_isRefused() {
    TestAuthority root = TestAuthority.root("td");
    assertIntermediateRefused("X-8", root, spec -> spec.noNames().uri("spiffe://td/ca"));
    assertIntermediateRefused("ID-12", root, spec -> spec.noNames().uri("spiffe://td/"));
  }

  @Test
  void x2_intermediateThatIsAnSvidWithTwoUris_isRefused() {
    assertIntermediateRefused("X-2", TestAuthority.root("td"), spec -> spec.uri("https://x"));
  }

  @Test
  void x7_intermediateThatIsNoSvid_isAccepted() {
    TestAuthority root = TestAuthority.root("td", spec -> spec.noNames());
    TestAuthority authority = root.intermediate(spec -> spec.noNames());

    assertThat(verify(root, present(authority.leaf(ID), authority)).id()).hasToString(ID);
  }

  /** X509-SVID section 3.2: the trust domain of a signing certificate is a SHOULD. */
  @Test
  void x7_intermediateOfAnotherTrustDomain_isAcceptedUnderOurRoot() {
    TestAuthority root = TestAuthority.root("td");
    TestAuthority authority =
        root.intermediate(spec -> spec.noNames().uri("spiffe://upstream.example"));

    assertThat(verify(root, present(authority.leaf(ID), authority)).id()).hasToString(ID);
  }

  /** X-14 binds issuers; other domains' authorities often carry digitalSignature too. */
  @Test
  void x14_intermediateWithDigitalSignature_isAcceptedOfOthers() {
    TestAuthority root = TestAuthority.root("td");
    TestAuthority authority =
        root.intermediate(spec -> spec.keyUsage = KeyUsage.keyCertSign | KeyUsage.digitalSignature);

    assertThat(verify(root, present(authority.leaf(ID), authority)).id()).hasToString(ID);
  }

  @ParameterizedTest
  @ValueSource(strings = {"MD5withRSA", "SHA1withRSA", "SHA224withRSA"})
  void i9_weakRsaSignature_isRefused(String algorithm) {
    assertSignatureRefused(algorithm, TestKeys.rsa(2048));
  }

  @ParameterizedTest
  @ValueSource(strings = {"SHA1withECDSA", "SHA224withECDSA"})
  void i9_weakEcdsaSignature_isRefused(String algorithm) {
    assertSignatureRefused(algorithm, TestKeys.next());
  }

  @Test
  void i9_pssWithSha1_isRefused() {
    assertSignatureRefused("SHA1withRSAandMGF1", TestKeys.rsa(2048));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SHA256withRSA",
        "SHA384withRSA",
        "SHA512withRSA",
        "SHA256withRSAandMGF1",
        "SHA384withRSAandMGF1",
        "SHA512withRSAandMGF1"
      })
  void x16_strongRsaSignature_isVerified(String algorithm) {
    assertSignatureVerified(algorithm, TestKeys.rsa(2048));
  }

  @ParameterizedTest
  @ValueSource(strings = {"secp256r1", "secp384r1", "secp521r1"})
  void x16_strongEcdsaSignature_isVerified(String curve) {
    assertSignatureVerified("SHA384withECDSA", TestKeys.ec(curve));
  }

  @Test
  void x16_ed25519Signature_isVerified() {
    assertSignatureVerified("Ed25519", TestKeys.ed("Ed25519"));
  }

  @Test
  void x16_weakOrUnknownLeafKey_isRefused() {
    TestAuthority root = TestAuthority.root("td");

    for (KeyPair key : List.of(TestKeys.rsa(1024), TestKeys.ed("Ed448"))) {
      assertRefused(root, present(root.leaf(ID, spec -> spec.key = key)))
          .hasMessageContaining("too weak or not known");
    }
  }

  @Test
  void x16_changedSignature_isRefused() {
    TestAuthority root = TestAuthority.root("td");
    byte[] der = root.leafDer(ID, spec -> {});
    der[der.length - 1] ^= 1;

    assertRefused(root, PresentedX509Chain.parse(der));
  }

  private static void expired(CertificateSpec spec) {
    spec.notAfter = NOW.minusSeconds(1);
  }

  private static void assertSignatureRefused(String algorithm, KeyPair key) {
    TestAuthority root = TestAuthority.root("td", spec -> strong(spec, key));
    TestAuthority weak = root.intermediate(spec -> spec.signatureAlgorithm = algorithm);

    assertRefused(root, present(root.leaf(ID, spec -> spec.signatureAlgorithm = algorithm)))
        .hasMessageContaining("is signed with");
    assertRefused(root, present(weak.leaf(ID), weak)).hasMessageContaining("is signed with");
  }

  private static void strong(CertificateSpec spec, KeyPair key) {
    spec.key = key;
    if (key.getPrivate().getAlgorithm().equals("RSA")) {
      spec.signatureAlgorithm = "SHA256withRSA";
    }
  }

  private static void assertSignatureVerified(String algorithm, KeyPair key) {
    TestAuthority root =
        TestAuthority.root(
            "td",
            spec -> {
              spec.key = key;
              spec.signatureAlgorithm = algorithm;
            });

    assertThat(
            verify(root, present(root.leaf(ID, spec -> spec.signatureAlgorithm = algorithm))).id())
        .hasToString(ID);
  }

  private static void assertIntermediateRefused(
      String rule, TestAuthority root, Consumer<CertificateSpec> bend) {
    TestAuthority authority = root.intermediate(bend);
    assertSvidRefused(rule, () -> verify(root, present(authority.leaf(ID), authority)));
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> assertRefused(
      TestAuthority root, PresentedX509Chain chain) {
    return assertSvidRefused("X-16", () -> verify(root, chain));
  }

  private static VerifiedX509Svid verify(TestAuthority root, PresentedX509Chain chain) {
    return X509SvidVerifier.verify(chain, X509BundleSet.of(root.bundle()), NOW);
  }
}
