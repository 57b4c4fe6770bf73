package dev.signet.spiffe;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;

/** Key pairs for tests. */
final class TestKeys {

  private TestKeys() {}

  /** A new P-256 key. */
  static KeyPair next() {
    return ec("secp256r1");
  }

  static KeyPair ec(String curve) {
    return generate("EC", new ECGenParameterSpec(curve));
  }

  static KeyPair rsa(int bits) {
    return generate("RSA", new RSAKeyGenParameterSpec(bits, RSAKeyGenParameterSpec.F4));
  }

  static KeyPair ed(String curve) {
    return generate(curve, new NamedParameterSpec(curve));
  }

  private static KeyPair generate(String algorithm, AlgorithmParameterSpec parameters) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(parameters);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }
}
