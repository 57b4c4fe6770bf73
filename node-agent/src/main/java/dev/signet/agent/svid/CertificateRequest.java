package dev.signet.agent.svid;

import dev.signet.spiffe.InvalidX509SvidException;
import dev.signet.spiffe.X509Svid;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.List;

/**
 * A new P-256 key and the PKCS#10 request (RFC 2986) that proves it is held. The request carries no
 * name and no attribute: the CA writes the certificate, from facts of its own.
 *
 * <p>The DER is written by hand, 20 lines, because a library for it would be the largest thing in
 * the agent; Bouncy Castle reads it in the tests. Keys come from SunEC (PERFORMANCE.md: a native
 * provider costs the agent 18 MB).
 */
public final class CertificateRequest {
  /** SEQUENCE { OID 1.2.840.10045.4.3.2 }: ecdsa-with-SHA256, no parameters (RFC 5758 3.2). */
  private static final byte[] ECDSA_WITH_SHA256 = {
    0x30, 0x0A, 0x06, 0x08, 0x2A, (byte) 0x86, 0x48, (byte) 0xCE, 0x3D, 0x04, 0x03, 0x02
  };

  private static final byte[] VERSION_1 = {0x02, 0x01, 0x00};
  private static final byte[] EMPTY_NAME = {0x30, 0x00};
  private static final byte[] NO_ATTRIBUTES = {(byte) 0xA0, 0x00};
  private static final int SEQUENCE = 0x30;
  private static final int BIT_STRING = 0x03;

  private final KeyPair keys;
  private final byte[] der;

  private CertificateRequest(KeyPair keys, byte[] der) {
    this.keys = keys;
    this.der = der;
  }

  /** Makes a key that no request had before. About a millisecond. */
  public static CertificateRequest create() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair keys = generator.generateKeyPair();
      byte[] info =
          tagged(SEQUENCE, VERSION_1, EMPTY_NAME, keys.getPublic().getEncoded(), NO_ATTRIBUTES);
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(keys.getPrivate());
      signature.update(info);
      byte[] noUnusedBits = {0};
      byte[] proof = tagged(BIT_STRING, noUnusedBits, signature.sign());
      return new CertificateRequest(keys, tagged(SEQUENCE, info, ECDSA_WITH_SHA256, proof));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the Java platform has no P-256: check java.security", e);
    }
  }

  private static byte[] tagged(int tag, byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    var out = new ByteArrayOutputStream(length + 4);
    out.write(tag);
    if (length >= 0x100) {
      out.write(0x82);
      out.write(length >> 8);
    } else if (length >= 0x80) {
      out.write(0x81);
    }
    out.write(length);
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  /** The request, DER. */
  public byte[] der() {
    return der.clone();
  }

  /**
   * The SVID that answers this request.
   *
   * @param chain the leaf first
   * @throws InvalidX509SvidException if it breaks a rule, or is another key's
   */
  public X509Svid answered(List<X509Certificate> chain) {
    return X509Svid.ofGenerated(chain, keys);
  }

  @Override
  public String toString() {
    return "CertificateRequest[key redacted]";
  }
}
