package dev.signet.ca.adapter.crypto;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The provider that signs and verifies: Amazon Corretto Crypto Provider (ACCP) where it loads and
 * proves itself, the JDK's own otherwise. It is held as an object and never installed, so that
 * nothing else in the process changes. Thread-safe.
 */
public final class CryptoProvider {
  private static final Logger log = LoggerFactory.getLogger(CryptoProvider.class);
  private static final String SIGNING = "SHA256withECDSA";

  private final String name;
  private final Provider ec;
  private final Provider rsa;

  CryptoProvider(String name, Provider ec, Provider rsa) {
    this.name = name;
    this.ec = ec;
    this.rsa = rsa;
  }

  /** The first that passes its self-test; the choice and the reason are logged. */
  public static CryptoProvider choose() {
    CryptoProvider jdk = jdk();
    try {
      CryptoProvider accp = accp();
      ProviderSelfTest.run(accp, jdk);
      log.info("cryptographic provider: {}", accp.name());
      return accp;
    } catch (GeneralSecurityException | RuntimeException | LinkageError e) {
      log.warn(
          "cryptographic provider: {}; the faster one is not usable: {}", jdk.name(), e.toString());
      return jdk;
    }
  }

  /**
   * ACCP.
   *
   * @throws GeneralSecurityException if it does not load here or is not healthy
   */
  public static CryptoProvider accp() throws GeneralSecurityException {
    AmazonCorrettoCryptoProvider accp = AmazonCorrettoCryptoProvider.INSTANCE;
    Throwable failure = accp.getLoadingError();
    if (failure != null) {
      throw new GeneralSecurityException("ACCP does not load", failure);
    }
    accp.assertHealthy();
    return new CryptoProvider("ACCP " + accp.getVersionStr(), accp, accp);
  }

  /** The JDK's own. */
  public static CryptoProvider jdk() {
    return new CryptoProvider("SunEC and SunRsaSign", builtIn("SunEC"), builtIn("SunRsaSign"));
  }

  private static Provider builtIn(String name) {
    Provider provider = Security.getProvider(name);
    if (provider == null) {
      throw new IllegalStateException(
          "this Java runtime has no provider "
              + name
              + ": the module jdk.crypto.ec or java.base is cut down");
    }
    return provider;
  }

  /** For logs and status. */
  public String name() {
    return name;
  }

  /** For JDK calls that take a provider for ECDSA. */
  public Provider ec() {
    return ec;
  }

  public KeyPair generateP256() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", ec);
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(name + " makes no P-256 key", e);
    }
  }

  /**
   * Reads a public key.
   *
   * @param algorithm {@code EC} or {@code RSA}
   * @param spki SubjectPublicKeyInfo, DER
   */
  public PublicKey publicKey(String algorithm, byte[] spki) throws InvalidKeySpecException {
    return keyFactory(algorithm).generatePublic(new X509EncodedKeySpec(spki));
  }

  public PrivateKey ecPrivateKey(byte[] pkcs8) throws InvalidKeySpecException {
    return keyFactory("EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
  }

  /** ECDSA with SHA-256; the signature is DER. */
  public byte[] sign(PrivateKey key, byte[] data) throws SignatureException {
    try {
      Signature signature = Signature.getInstance(SIGNING, ec);
      signature.initSign(key);
      signature.update(data);
      return signature.sign();
    } catch (SignatureException e) {
      throw e;
    } catch (GeneralSecurityException e) {
      throw new SignatureException(name + " does not sign with this key", e);
    }
  }

  /**
   * Verifies a signature.
   *
   * @param algorithm JCA name, for example {@code SHA256withECDSA}
   * @return whether it is this key's signature; false, too, for bytes that are no signature and for
   *     a key that the provider does not take
   */
  public boolean verify(String algorithm, PublicKey key, byte[] data, byte[] signature) {
    try {
      Signature verifier = Signature.getInstance(algorithm, provider(key.getAlgorithm()));
      verifier.initVerify(key);
      verifier.update(data);
      return verifier.verify(signature);
    } catch (SignatureException | InvalidKeyException e) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(name + " has no " + algorithm, e);
    }
  }

  private KeyFactory keyFactory(String algorithm) {
    try {
      return KeyFactory.getInstance(algorithm, provider(algorithm));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(name + " reads no " + algorithm + " keys", e);
    }
  }

  private Provider provider(String algorithm) {
    return algorithm.equals("RSA") ? rsa : ec;
  }
}
