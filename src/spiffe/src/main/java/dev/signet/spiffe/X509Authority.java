package dev.signet.spiffe;

import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A signing certificate as its own trust domain must make it: the trust domain's own SVID (ID-16,
 * ID-17, X-7, X-8), a CA with critical key usage of keyCertSign and perhaps cRLSign
 * only.
 *
 * <p>Stricter than what {@link X509Bundle} accepts of others, whose authorities need not be SVIDs.
 * Immutable.
 */
public final class X509Authority {

  private final TrustDomain trustDomain;
  private final X509Certificate certificate;

  private X509Authority(TrustDomain trustDomain, X509Certificate certificate) {
    this.trustDomain = trustDomain;
    this.certificate = certificate;
  }

  /**
   * Checks a signing certificate, a root or one below it. Whether it is valid now is not asked.
   *
   * @throws InvalidX509SvidException if a rule for issuers is broken
   */
  public static X509Authority of(TrustDomain trustDomain, X509Certificate certificate) {
    try {
      X509Certificate own = Certificates.fromJdk(List.of(certificate)).get(0);
      CryptoPolicy.checkSignature(own);
      CryptoPolicy.checkKey(own);
      CertificateRules.issuedSigning(own, trustDomain);
      return new X509Authority(trustDomain, own);
    } catch (BrokenRuleException e) {
      throw new InvalidX509SvidException(e);
    }
  }

  public TrustDomain trustDomain() {
    return trustDomain;
  }

  public X509Certificate certificate() {
    return certificate;
  }

  @Override
  public String toString() {
    return "X509Authority[" + trustDomain + ", " + CertificateRules.subject(certificate) + "]";
  }
}
