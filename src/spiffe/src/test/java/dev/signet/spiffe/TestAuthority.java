package dev.signet.spiffe;

import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.bouncycastle.asn1.x500.X500Name;

/** A certificate authority for tests: a certificate, its key, and what it issues. */
record TestAuthority(TrustDomain trustDomain, X509Certificate certificate, KeyPair key) {

  /** What an authority issued: the certificate and the key it certifies. */
  record Issued(X509Certificate certificate, KeyPair key) {}

  static TestAuthority root(String trustDomain) {
    return root(trustDomain, spec -> {});
  }

  static TestAuthority root(String trustDomain, Consumer<CertificateSpec> bend) {
    CertificateSpec spec = CertificateSpec.signing(trustDomain, "CN=root of " + trustDomain);
    bend.accept(spec);
    byte[] der = spec.sign(new X500Name(spec.subject), spec.key);
    return new TestAuthority(TrustDomain.parse(trustDomain), CertificateSpec.parsed(der), spec.key);
  }

  TestAuthority intermediate() {
    return intermediate(spec -> {});
  }

  TestAuthority intermediate(Consumer<CertificateSpec> bend) {
    CertificateSpec spec =
        CertificateSpec.signing(trustDomain.name(), "CN=issuing authority of " + trustDomain);
    bend.accept(spec);
    return new TestAuthority(trustDomain, CertificateSpec.parsed(spec.sign(name(), key)), spec.key);
  }

  Issued leaf(String uri) {
    return leaf(uri, spec -> {});
  }

  Issued leaf(String uri, Consumer<CertificateSpec> bend) {
    CertificateSpec spec = CertificateSpec.leaf(uri);
    bend.accept(spec);
    return new Issued(CertificateSpec.parsed(spec.sign(name(), key)), spec.key);
  }

  /** The bytes of a leaf, for those bent so far that they are no certificate any more. */
  byte[] leafDer(String uri, Consumer<CertificateSpec> bend) {
    CertificateSpec spec = CertificateSpec.leaf(uri);
    bend.accept(spec);
    return spec.sign(name(), key);
  }

  X509Bundle bundle() {
    return X509Bundle.of(trustDomain, List.of(certificate));
  }

  /** The leaf and then the certificates of {@code intermediates}, as a peer would send them. */
  static PresentedX509Chain present(Issued leaf, TestAuthority... intermediates) {
    List<X509Certificate> chain = new ArrayList<>(List.of(leaf.certificate()));
    Arrays.stream(intermediates).map(TestAuthority::certificate).forEach(chain::add);
    return PresentedX509Chain.of(chain);
  }

  private X500Name name() {
    return new X500Name(certificate.getSubjectX500Principal().getName());
  }
}
