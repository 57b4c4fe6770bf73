package dev.signet.spiffe;

import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/**
 * The X.509 authorities of one trust domain: what its SVIDs are verified with, and nothing else.
 *
 * <p>A set: order and repetition of what it was made from do not matter, neither to {@link #equals}
 * nor to {@link #encoded} and {@link #digest}. An empty bundle is legal and trusts nobody. Holds at
 * most 64 authorities and 1 MiB. Every authority is a CA certificate that may sign certificates
 * with a key of accepted strength; whether it is valid now is asked when it
 * is used. Immutable.
 */
public final class X509Bundle {

  static final int MAX_AUTHORITIES = 64;
  static final int MAX_BYTES = 1 << 20;

  private final TrustDomain trustDomain;
  private final List<X509Certificate> authorities;
  private final List<Issuer> issuers;
  private final byte[] encoded;
  private final byte[] digest;

  private X509Bundle(TrustDomain trustDomain, Collection<X509Certificate> certificates)
      throws BrokenRuleException {
    TreeMap<byte[], X509Certificate> byDigest = new TreeMap<>(Arrays::compareUnsigned);
    MessageDigest sha256 = Certificates.sha256();
    for (X509Certificate certificate : Certificates.fromJdk(certificates)) {
      byDigest.put(sha256.digest(Certificates.encoded(certificate)), certificate);
    }
    if (byDigest.size() > MAX_AUTHORITIES) {
      throw Certificates.tooMany(MAX_AUTHORITIES);
    }
    byDigest.keySet().forEach(sha256::update);
    this.trustDomain = trustDomain;
    this.authorities = List.copyOf(byDigest.values());
    this.issuers = authorities.stream().map(Issuer::of).toList();
    this.encoded = Certificates.concatenated(authorities);
    this.digest = sha256.digest();
    checkSize(encoded.length);
    for (X509Certificate authority : authorities) {
      CertificateRules.signing(authority);
      CryptoPolicy.checkKey(authority);
    }
  }

  /**
   * Makes the bundle of a trust domain.
   *
   * @throws InvalidX509BundleException if one of the certificates cannot be an authority, or there
   *     are too many
   */
  public static X509Bundle of(TrustDomain trustDomain, Collection<X509Certificate> authorities) {
    try {
      return new X509Bundle(trustDomain, authorities);
    } catch (BrokenRuleException e) {
      throw refused(trustDomain, e);
    }
  }

  /**
   * Reads the form of the SPIFFE Workload API.
   *
   * @param concatenatedDer DER certificates one after another; no bytes at all are an empty bundle
   * @throws InvalidX509BundleException if the bytes are anything else, or as for {@link #of}
   */
  public static X509Bundle parse(TrustDomain trustDomain, byte[] concatenatedDer) {
    try {
      checkSize(concatenatedDer.length);
      // Repetitions are dropped later, but the work on them is bounded here.
      return new X509Bundle(trustDomain, Certificates.parse(concatenatedDer, 2 * MAX_AUTHORITIES));
    } catch (BrokenRuleException e) {
      throw refused(trustDomain, e);
    }
  }

  /**
   * Reads PEM (RFC 7468): CERTIFICATE blocks, with any text between them. A blank text is an empty
   * bundle; a text that is not blank but holds no certificate is refused.
   *
   * @throws InvalidX509BundleException if the text is anything else, or as for {@link #of}
   */
  public static X509Bundle parsePem(TrustDomain trustDomain, String pem) {
    try {
      // PEM is less than twice as long as its DER.
      checkSize(pem.length() / 2);
      return parse(trustDomain, Pem.decode(pem));
    } catch (BrokenRuleException e) {
      throw refused(trustDomain, e);
    }
  }

  public TrustDomain trustDomain() {
    return trustDomain;
  }

  /** The certificates, each once, ascending by the SHA-256 of their DER. */
  public List<X509Certificate> authorities() {
    return authorities;
  }

  public boolean isEmpty() {
    return authorities.isEmpty();
  }

  /** The DER of {@link #authorities}, concatenated: the form of the SPIFFE Workload API. */
  public byte[] encoded() {
    return encoded.clone();
  }

  /** The {@link #authorities} as PEM, each line ended by one newline. */
  public String pem() {
    return Pem.encode(authorities);
  }

  /** Names the set: SHA-256 over the ascending SHA-256 digests of the authorities' DER. */
  public byte[] digest() {
    return digest.clone();
  }

  List<Issuer> issuers() {
    return issuers;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof X509Bundle that
        && trustDomain.equals(that.trustDomain)
        && MessageDigest.isEqual(digest, that.digest);
  }

  @Override
  public int hashCode() {
    return 31 * trustDomain.hashCode() + Arrays.hashCode(digest);
  }

  @Override
  public String toString() {
    return "X509Bundle[" + trustDomain + ", " + authorities.size() + " authorities]";
  }

  private static void checkSize(int bytes) throws BrokenRuleException {
    if (bytes > MAX_BYTES) {
      throw new BrokenRuleException(
          BrokenRuleException.PATH, "it has more than 1 MiB; remove retired authorities");
    }
  }

  private static InvalidX509BundleException refused(
      TrustDomain trustDomain, BrokenRuleException e) {
    return new InvalidX509BundleException(
        new BrokenRuleException(
            e.rule(), "bundle of " + trustDomain + ": " + e.problem(), e.getCause()));
  }
}
