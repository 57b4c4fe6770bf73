package dev.signet.spiffe;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/**
 * An X509-SVID of one's own: a chain as {@link IssuedX509Chain} checks it, and the private key of
 * its leaf. {@link #toString} does not show the key. Immutable.
 */
public final class X509Svid {

  private static final byte[] CHALLENGE =
      "signet: does this key belong to this certificate?".getBytes(StandardCharsets.US_ASCII);

  private final IssuedX509Chain chain;
  private final PrivateKey privateKey;

  private X509Svid(IssuedX509Chain chain, PrivateKey privateKey) {
    this.chain = chain;
    this.privateKey = privateKey;
  }

  /**
   * Puts a chain and its key together.
   *
   * @param chain 1 to 8 certificates, the leaf first
   * @throws InvalidX509SvidException if a rule for issuers is broken or the key is not the leaf's
   */
  public static X509Svid of(List<X509Certificate> chain, PrivateKey key) {
    return of(IssuedX509Chain.of(chain), key);
  }

  /**
   * Puts together a chain and the key pair it was asked for with. For whoever generated the pair
   * and has signed with it, as a request for a certificate does: that its halves belong together is
   * not tried again, only whether the leaf has its public key.
   *
   * @param chain 1 to 8 certificates, the leaf first
   * @param generated as a {@link java.security.KeyPairGenerator} made it
   * @throws InvalidX509SvidException if a rule for issuers is broken or the key is not the leaf's
   */
  public static X509Svid ofGenerated(List<X509Certificate> chain, KeyPair generated) {
    IssuedX509Chain issued = IssuedX509Chain.of(chain);
    byte[] certified = issued.leaf().getPublicKey().getEncoded();
    if (!Arrays.equals(certified, generated.getPublic().getEncoded())) {
      throw anothersKey(issued);
    }
    return new X509Svid(issued, generated.getPrivate());
  }

  /**
   * Reads the form of the SPIFFE Workload API.
   *
   * @param chainDer concatenated DER certificates, the leaf first
   * @param pkcs8Der the private key, PKCS#8, DER, not encrypted; not kept
   * @throws InvalidX509SvidException if either is anything else, or as for {@link #of}
   */
  public static X509Svid parse(byte[] chainDer, byte[] pkcs8Der) {
    IssuedX509Chain chain = IssuedX509Chain.parse(chainDer);
    return of(chain, privateKey(chain.leaf().getPublicKey(), pkcs8Der));
  }

  public SpiffeId id() {
    return chain.id();
  }

  /** The certificates, the leaf first. */
  public List<X509Certificate> chain() {
    return chain.certificates();
  }

  public X509Certificate leaf() {
    return chain.leaf();
  }

  public PrivateKey privateKey() {
    return privateKey;
  }

  /** The DER of {@link #chain}, concatenated. */
  public byte[] chainDer() {
    return chain.encoded();
  }

  /** The leaf's start of validity, to the second. */
  public Instant notBefore() {
    return chain.notBefore();
  }

  /** The leaf's end of validity, to the second. */
  public Instant notAfter() {
    return chain.notAfter();
  }

  /** The leaf's serial number in lower-case hexadecimal, without leading zeros. */
  public String serial() {
    return chain.serial();
  }

  @Override
  public String toString() {
    return "X509Svid[" + id() + ", serial " + serial() + ", until " + notAfter() + ", key hidden]";
  }

  private static X509Svid of(IssuedX509Chain chain, PrivateKey key) {
    if (!matches(chain.leaf().getPublicKey(), key)) {
      throw anothersKey(chain);
    }
    return new X509Svid(chain, key);
  }

  private static InvalidX509SvidException anothersKey(IssuedX509Chain chain) {
    return new InvalidX509SvidException(
        "W-29",
        "the private key is not that of the certificate of "
            + Quoted.of(chain.id().toString())
            + "; give the key that was certified");
  }

  /** Signs and verifies, so that keys which never leave their module can be asked too. */
  private static boolean matches(PublicKey publicKey, PrivateKey privateKey) {
    String algorithm =
        switch (publicKey.getAlgorithm()) {
          case "EC" -> "SHA256withECDSA";
          case "RSA" -> "SHA256withRSA";
          default -> "Ed25519";
        };
    try {
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(privateKey);
      signer.update(CHALLENGE);
      byte[] signature = signer.sign();
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(publicKey);
      verifier.update(CHALLENGE);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static PrivateKey privateKey(PublicKey publicKey, byte[] pkcs8Der) {
    try {
      return KeyFactory.getInstance(publicKey.getAlgorithm())
          .generatePrivate(new PKCS8EncodedKeySpec(pkcs8Der));
    } catch (GeneralSecurityException e) {
      // Without the cause: what a provider says about key bytes is not for logs.
      throw new InvalidX509SvidException(
          "W-29",
          "the private key is not an unencrypted PKCS#8 key of kind " + publicKey.getAlgorithm());
    }
  }
}
