package dev.signet.spiffe;

import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * An X509-SVID as an issuer may hand it out, without its key: the leaf, then each issuer's
 * certificate in turn up to but not including an authority of the bundle.
 *
 * <p>Every rule that binds issuers was checked: of the leaf, X-5 (by the JDK, which does
 * not even parse such a certificate), X-9, X-11, X-13 and X-15, of the others and
 * X-12; and each certificate is signed by the next. Whether it is valid now, and who vouches for
 * the last, is not asked. Immutable.
 */
public final class IssuedX509Chain {

  private final SpiffeId id;
  private final List<X509Certificate> certificates;

  private IssuedX509Chain(List<X509Certificate> certificates) throws BrokenRuleException {
    if (certificates.isEmpty()) {
      throw new BrokenRuleException(BrokenRuleException.PATH, "an SVID without a certificate");
    }
    this.certificates = certificates;
    this.id = CertificateRules.leaf(certificates.get(0));
    for (X509Certificate certificate : certificates) {
      CryptoPolicy.checkSignature(certificate);
      CryptoPolicy.checkKey(certificate);
    }
    for (int i = 1; i < certificates.size(); i++) {
      CertificateRules.signing(certificates.get(i));
      checkIssued(certificates.get(i - 1), certificates.get(i));
    }
  }

  /**
   * Checks a chain.
   *
   * @param certificates 1 to 8, the leaf first
   * @throws InvalidX509SvidException if a rule for issuers is broken
   */
  public static IssuedX509Chain of(List<X509Certificate> certificates) {
    try {
      if (certificates.size() > PresentedX509Chain.MAX_CERTIFICATES) {
        throw Certificates.tooMany(PresentedX509Chain.MAX_CERTIFICATES);
      }
      return new IssuedX509Chain(Certificates.fromJdk(certificates));
    } catch (BrokenRuleException e) {
      throw new InvalidX509SvidException(e);
    }
  }

  /**
   * Reads and checks concatenated DER certificates, the form of the SPIFFE Workload API.
   *
   * @throws InvalidX509SvidException if the bytes are anything else, or a rule is broken
   */
  public static IssuedX509Chain parse(byte[] concatenatedDer) {
    return of(PresentedX509Chain.parse(concatenatedDer).certificates());
  }

  public SpiffeId id() {
    return id;
  }

  public X509Certificate leaf() {
    return certificates.get(0);
  }

  /** The certificates, the leaf first. */
  public List<X509Certificate> certificates() {
    return certificates;
  }

  /** The DER of {@link #certificates}, concatenated. */
  public byte[] encoded() {
    return Certificates.concatenated(certificates);
  }

  /** The leaf's start of validity, to the second. */
  public Instant notBefore() {
    return leaf().getNotBefore().toInstant();
  }

  /** The leaf's end of validity, to the second. */
  public Instant notAfter() {
    return leaf().getNotAfter().toInstant();
  }

  /** The leaf's serial number in lower-case hexadecimal, without leading zeros. */
  public String serial() {
    return leaf().getSerialNumber().toString(16);
  }

  @Override
  public String toString() {
    return "IssuedX509Chain[" + id + ", serial " + serial() + ", until " + notAfter() + "]";
  }

  private static void checkIssued(X509Certificate child, X509Certificate issuer)
      throws BrokenRuleException {
    boolean named = child.getIssuerX500Principal().equals(issuer.getSubjectX500Principal());
    if (!named || !isSignedBy(child, issuer)) {
      throw new BrokenRuleException(
          BrokenRuleException.PATH,
          "certificate "
              + CertificateRules.subject(child)
              + " is not signed by the next in the chain, "
              + CertificateRules.subject(issuer));
    }
  }

  private static boolean isSignedBy(X509Certificate child, X509Certificate issuer) {
    try {
      child.verify(issuer.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
