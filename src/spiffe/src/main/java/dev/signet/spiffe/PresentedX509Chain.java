package dev.signet.spiffe;

import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What a peer showed: certificates, the leaf first, of which nothing is known to be true.
 *
 * <p>It has no identity; {@link X509SvidVerifier} gives it one. 1 to 8 certificates of together at
 * most 64 KiB. Immutable.
 */
public final class PresentedX509Chain {

  static final int MAX_CERTIFICATES = 8;
  private static final int MAX_BYTES = 64 << 10;

  private final List<X509Certificate> certificates;

  private PresentedX509Chain(List<X509Certificate> certificates) throws BrokenRuleException {
    if (certificates.isEmpty()) {
      throw new BrokenRuleException(
          BrokenRuleException.PATH, "no certificate; the peer must present its X509-SVID");
    }
    this.certificates = certificates;
  }

  /**
   * Takes certificates from a TLS session.
   *
   * @throws InvalidX509SvidException if there is none, or more than the bounds allow
   */
  public static PresentedX509Chain of(List<X509Certificate> certificates) {
    try {
      if (certificates.size() > MAX_CERTIFICATES) {
        throw Certificates.tooMany(MAX_CERTIFICATES);
      }
      int bytes = 0;
      for (X509Certificate certificate : certificates) {
        bytes += Certificates.encoded(certificate).length;
        checkSize(bytes);
      }
      return new PresentedX509Chain(Certificates.fromJdk(certificates));
    } catch (BrokenRuleException e) {
      throw new InvalidX509SvidException(e);
    }
  }

  /**
   * Reads concatenated DER certificates.
   *
   * @throws InvalidX509SvidException if the bytes are anything else, none, or more than the bounds
   */
  public static PresentedX509Chain parse(byte[] concatenatedDer) {
    try {
      checkSize(concatenatedDer.length);
      return new PresentedX509Chain(Certificates.parse(concatenatedDer, MAX_CERTIFICATES));
    } catch (BrokenRuleException e) {
      throw new InvalidX509SvidException(e);
    }
  }

  /** The certificates as they were shown, the alleged leaf first. */
  public List<X509Certificate> certificates() {
    return certificates;
  }

  @Override
  public String toString() {
    return "PresentedX509Chain[" + certificates.size() + " certificates, not verified]";
  }

  private static void checkSize(int bytes) throws BrokenRuleException {
    if (bytes > MAX_BYTES) {
      throw new BrokenRuleException(
          BrokenRuleException.PATH, "a chain of more than 64 KiB; send fewer certificates");
    }
  }
}
