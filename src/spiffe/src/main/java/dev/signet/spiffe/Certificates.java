package dev.signet.spiffe;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.NoSuchProviderException;
import java.security.cert.CertPath;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Certificates from and to bytes. */
final class Certificates {

  /**
   * What is refused must not depend on which other providers an application installs: parsing and
   * path validation are those of the JDK, on which the tests of every rule ran. Signatures may come
   * from any provider.
   */
  static final String JDK_PROVIDER = "SUN";

  private Certificates() {}

  /**
   * Reads concatenated DER certificates.
   *
   * @param atMost more certificates than this are refused before any is parsed
   */
  static List<X509Certificate> parse(byte[] concatenatedDer, int atMost)
      throws BrokenRuleException {
    List<byte[]> encodings = new ArrayList<>();
    DerReader reader = DerReader.of(concatenatedDer);
    while (reader.hasNext()) {
      if (encodings.size() == atMost) {
        throw tooMany(atMost);
      }
      encodings.add(reader.next(DerReader.SEQUENCE).encoded());
    }
    List<X509Certificate> certificates = new ArrayList<>(encodings.size());
    for (byte[] encoding : encodings) {
      certificates.add(parse(encoding));
    }
    return List.copyOf(certificates);
  }

  /** The same certificates, each an object of the JDK that says what its bytes say. */
  static List<X509Certificate> fromJdk(Collection<X509Certificate> certificates)
      throws BrokenRuleException {
    List<X509Certificate> own = new ArrayList<>(certificates.size());
    for (X509Certificate certificate : certificates) {
      boolean jdk = certificate.getClass().getModule() == X509Certificate.class.getModule();
      own.add(jdk ? certificate : parse(encoded(certificate)));
    }
    return List.copyOf(own);
  }

  static BrokenRuleException tooMany(int atMost) {
    return new BrokenRuleException(
        BrokenRuleException.PATH, "more than " + atMost + " certificates; send fewer");
  }

  static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new IllegalArgumentException("a certificate without an encoding", e);
    }
  }

  static byte[] concatenated(List<X509Certificate> certificates) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    certificates.forEach(certificate -> out.writeBytes(encoded(certificate)));
    return out.toByteArray();
  }

  /** A path of {@code presented}, followed by {@code last} if there is one. */
  static CertPath path(List<X509Certificate> presented, @Nullable X509Certificate last)
      throws CertificateException {
    List<X509Certificate> certificates = new ArrayList<>(presented);
    if (last != null) {
      certificates.add(last);
    }
    return factory().generateCertPath(certificates);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  static CertificateFactory factory() {
    try {
      return CertificateFactory.getInstance("X.509", JDK_PROVIDER);
    } catch (CertificateException | NoSuchProviderException e) {
      throw new IllegalStateException("the JDK's provider SUN is not installed", e);
    }
  }

  private static X509Certificate parse(byte[] der) throws BrokenRuleException {
    try {
      return (X509Certificate) factory().generateCertificate(new ByteArrayInputStream(der));
    } catch (CertificateException e) {
      throw new BrokenRuleException(
          BrokenRuleException.PATH,
          "bytes that are no certificate: " + Quoted.of(String.valueOf(e.getMessage())),
          e);
    }
  }
}
