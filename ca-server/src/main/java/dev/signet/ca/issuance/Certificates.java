package dev.signet.ca.issuance;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;

/**
 * Certificates of ours: put together from what is signed and its signature, and read by the JDK in
 * that one form.
 */
public final class Certificates {
  /** AlgorithmIdentifier of ecdsa-with-SHA256, without parameters (RFC 5758, section 3.2). */
  private static final byte[] ECDSA_WITH_SHA256 = {
    0x30, 0x0a, 0x06, 0x08, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x04, 0x03, 0x02
  };

  private static final int SEQUENCE = 0x30;
  private static final int BIT_STRING = 0x03;

  private Certificates() {}

  static byte[] assemble(byte[] tbs, byte[] signature) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(tbs);
    body.writeBytes(ECDSA_WITH_SHA256);
    byte[] bits = new byte[signature.length + 1];
    System.arraycopy(signature, 0, bits, 1, signature.length);
    body.writeBytes(Extensions.tagged(BIT_STRING, bits));
    return Extensions.tagged(SEQUENCE, body.toByteArray());
  }

  /**
   * Reads a certificate that {@link #assemble} made. The JDK's parser passes over encodings that
   * are not DER; a copy of a certificate that differs in a byte outside of what is signed is no
   * copy.
   */
  public static X509Certificate parse(byte[] der) throws CertificateException {
    X509Certificate certificate =
        (X509Certificate)
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(der));
    byte[] again = assemble(certificate.getTBSCertificate(), certificate.getSignature());
    if (!Arrays.equals(again, der)) {
      throw new CertificateException("it is not in the form that certificates of ours have");
    }
    return certificate;
  }
}
