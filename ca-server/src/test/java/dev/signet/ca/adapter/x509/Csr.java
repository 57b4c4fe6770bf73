package dev.signet.ca.adapter.x509;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * A certification request whose every part can be another than it should be. Starts as a good one
 * and is changed part by part; what is changed after signing breaks only itself.
 */
final class Csr {
  private static final Map<Integer, KeyPair> RSA_KEYS = new ConcurrentHashMap<>();

  static final String ECDSA_SHA256 = "1.2.840.10045.4.3.2";
  static final String RSA_SHA256 = "1.2.840.113549.1.1.11";
  static final String P256 = "1.2.840.10045.3.1.7";
  static final String EC = "1.2.840.10045.2.1";
  static final String RSA = "1.2.840.113549.1.1.1";

  byte[] version = Der.integer(0);
  byte[] subject = Der.sequence();
  byte[] key;
  byte[] attributes = Der.tagged(0xa0);
  byte[] algorithm;
  String jcaAlgorithm;
  private final PrivateKey signingKey;
  UnaryOperator<byte[]> signature = UnaryOperator.identity();
  int unusedBits;

  private Csr(byte[] key, PrivateKey signingKey, byte[] algorithm, String jcaAlgorithm) {
    this.key = key;
    this.signingKey = signingKey;
    this.algorithm = algorithm;
    this.jcaAlgorithm = jcaAlgorithm;
  }

  static Csr of(KeyPair pair) {
    return pair.getPrivate().getAlgorithm().equals("RSA")
        ? new Csr(
            pair.getPublic().getEncoded(),
            pair.getPrivate(),
            Der.sequence(Der.oid(RSA_SHA256), Der.nul()),
            "SHA256withRSA")
        : new Csr(
            pair.getPublic().getEncoded(),
            pair.getPrivate(),
            Der.sequence(Der.oid(ECDSA_SHA256)),
            "SHA256withECDSA");
  }

  static Csr p256() {
    return of(pair("EC", new ECGenParameterSpec("secp256r1")));
  }

  static KeyPair ec(String curve) {
    return pair("EC", new ECGenParameterSpec(curve));
  }

  /** Making one takes up to a second: each size is made once. */
  static KeyPair rsa(int bits) {
    return RSA_KEYS.computeIfAbsent(
        bits, _ -> pair("RSA", new RSAKeyGenParameterSpec(bits, BigInteger.valueOf(65537))));
  }

  static KeyPair pair(String algorithm, AlgorithmParameterSpec parameters) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(parameters);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  byte[] info() {
    return Der.sequence(version, subject, key, attributes);
  }

  byte[] encoded() {
    return encoded(info());
  }

  /** Signs these bytes, whatever they are. */
  byte[] encoded(byte[] info) {
    byte[] bits = signature.apply(sign(info));
    return Der.sequence(info, algorithm, Der.tagged(0x03, new byte[] {(byte) unusedBits}, bits));
  }

  private byte[] sign(byte[] data) {
    try {
      Signature signer = Signature.getInstance(jcaAlgorithm);
      signer.initSign(signingKey);
      signer.update(data);
      return signer.sign();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  /** A SubjectPublicKeyInfo of P-256 with any content. */
  static byte[] p256Key(byte[] point) {
    return Der.sequence(Der.sequence(Der.oid(EC), Der.oid(P256)), Der.bits(point));
  }

  static byte[] rsaKey(BigInteger modulus, BigInteger exponent) {
    return Der.sequence(
        Der.sequence(Der.oid(RSA), Der.nul()),
        Der.bits(Der.sequence(Der.integer(modulus), Der.integer(exponent))));
  }
}
