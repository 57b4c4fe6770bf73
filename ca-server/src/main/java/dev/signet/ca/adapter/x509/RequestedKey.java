package dev.signet.ca.adapter.x509;

import dev.signet.ca.adapter.crypto.CryptoProvider;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import java.io.IOException;
import java.math.BigInteger;
import java.security.PublicKey;
import java.security.spec.InvalidKeySpecException;
import java.util.Map;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** The key of a request, checked against the allow-list before a provider sees it. */
sealed interface RequestedKey {
  /** The JCA name of the request's signature algorithm, if this key may be used with it. */
  String signatureAlgorithm(AlgorithmIdentifier algorithm) throws RefusedException;

  /** Refuses a signature that a lenient verifier might read in more than one way. */
  void checkForm(byte[] signature) throws RefusedException;

  PublicKey publicKey() throws RefusedException;

  static RequestedKey of(SubjectPublicKeyInfo spki, CryptoProvider crypto) throws RefusedException {
    AlgorithmIdentifier algorithm = spki.getAlgorithm();
    if (spki.getPublicKeyData().getPadBits() != 0) {
      throw notAllowed("its bits are not whole bytes");
    }
    if (algorithm.getAlgorithm().equals(X9ObjectIdentifiers.id_ecPublicKey)) {
      return ec(spki, crypto);
    }
    if (algorithm.getAlgorithm().equals(PKCSObjectIdentifiers.rsaEncryption)) {
      return rsa(spki, crypto);
    }
    throw notAllowed("its algorithm is " + algorithm.getAlgorithm());
  }

  private static Ec ec(SubjectPublicKeyInfo spki, CryptoProvider crypto) throws RefusedException {
    if (!(spki.getAlgorithm().getParameters() instanceof ASN1ObjectIdentifier curveId)) {
      throw notAllowed("its curve is not named");
    }
    NamedCurve curve =
        NamedCurve.of(curveId).orElseThrow(() -> notAllowed("its curve is " + curveId));
    curve.checkPoint(spki.getPublicKeyData().getOctets());
    return new Ec(spki, curve, crypto);
  }

  private static Rsa rsa(SubjectPublicKeyInfo spki, CryptoProvider crypto) throws RefusedException {
    if (!DERNull.INSTANCE.equals(spki.getAlgorithm().getParameters())) {
      throw notAllowed("its RSA parameters are not NULL");
    }
    byte[] bits = spki.getPublicKeyData().getOctets();
    try {
      StrictDer.check(bits);
      ASN1Sequence sequence = ASN1Sequence.getInstance(bits);
      if (sequence.size() != 2) {
        throw notAllowed("it is no RSA key");
      }
      BigInteger modulus = ASN1Integer.getInstance(sequence.getObjectAt(0)).getValue();
      BigInteger exponent = ASN1Integer.getInstance(sequence.getObjectAt(1)).getValue();
      RsaKeyPolicy.check(modulus, exponent);
      return new Rsa(spki, modulus.bitLength() / 8, crypto);
    } catch (StrictDer.MalformedException | IllegalArgumentException e) {
      throw new RefusedException(
          RefusalReason.CSR_KEY_NOT_ALLOWED, "it is no RSA key: " + e.getMessage(), e);
    }
  }

  static RefusedException notAllowed(String detail) {
    return new RefusedException(RefusalReason.CSR_KEY_NOT_ALLOWED, detail);
  }

  private static PublicKey publicKey(
      String algorithm, SubjectPublicKeyInfo spki, CryptoProvider crypto) throws RefusedException {
    try {
      return crypto.publicKey(algorithm, spki.getEncoded());
    } catch (InvalidKeySpecException | IOException e) {
      throw new RefusedException(
          RefusalReason.CSR_KEY_NOT_ALLOWED, "the provider does not take the key", e);
    }
  }

  private static String algorithm(
      Map<ASN1ObjectIdentifier, String> allowed, AlgorithmIdentifier algorithm)
      throws RefusedException {
    String name = allowed.get(algorithm.getAlgorithm());
    if (name == null) {
      throw new RefusedException(
          RefusalReason.CSR_SIGNATURE_INVALID,
          "its signature algorithm is " + algorithm.getAlgorithm());
    }
    return name;
  }

  private static void requireParameters(boolean asSpecified) throws RefusedException {
    if (!asSpecified) {
      throw new RefusedException(
          RefusalReason.CSR_SIGNATURE_INVALID,
          "its signature algorithm has parameters that it should not have, or lacks them");
    }
  }

  /** A point on P-256 or P-384. */
  record Ec(SubjectPublicKeyInfo spki, NamedCurve curve, CryptoProvider crypto)
      implements RequestedKey {
    private static final Map<ASN1ObjectIdentifier, String> ALGORITHMS =
        Map.of(
            X9ObjectIdentifiers.ecdsa_with_SHA256, "SHA256withECDSA",
            X9ObjectIdentifiers.ecdsa_with_SHA384, "SHA384withECDSA",
            X9ObjectIdentifiers.ecdsa_with_SHA512, "SHA512withECDSA");

    @Override
    public String signatureAlgorithm(AlgorithmIdentifier algorithm) throws RefusedException {
      String name = algorithm(ALGORITHMS, algorithm);
      requireParameters(algorithm.getParameters() == null);
      return name;
    }

    /** CVE-2022-21449: a provider accepted r = s = 0. Others accept more than one encoding. */
    @Override
    public void checkForm(byte[] signature) throws RefusedException {
      try {
        StrictDer.check(signature);
        ASN1Sequence sequence = ASN1Sequence.getInstance(signature);
        if (sequence.size() != 2) {
          throw new IllegalArgumentException("it has " + sequence.size() + " numbers");
        }
        for (int i = 0; i < 2; i++) {
          BigInteger value = ASN1Integer.getInstance(sequence.getObjectAt(i)).getValue();
          if (value.signum() <= 0 || value.compareTo(curve.order()) >= 0) {
            throw new IllegalArgumentException("a number is not from 1 to the order of the curve");
          }
        }
      } catch (StrictDer.MalformedException | IllegalArgumentException e) {
        throw new RefusedException(
            RefusalReason.CSR_SIGNATURE_INVALID, "it is no ECDSA signature: " + e.getMessage(), e);
      }
    }

    @Override
    public PublicKey publicKey() throws RefusedException {
      return RequestedKey.publicKey("EC", spki, crypto);
    }
  }

  /** RSA with PKCS#1 v1.5 signatures. */
  record Rsa(SubjectPublicKeyInfo spki, int bytes, CryptoProvider crypto) implements RequestedKey {
    private static final Map<ASN1ObjectIdentifier, String> ALGORITHMS =
        Map.of(
            PKCSObjectIdentifiers.sha256WithRSAEncryption, "SHA256withRSA",
            PKCSObjectIdentifiers.sha384WithRSAEncryption, "SHA384withRSA",
            PKCSObjectIdentifiers.sha512WithRSAEncryption, "SHA512withRSA");

    @Override
    public String signatureAlgorithm(AlgorithmIdentifier algorithm) throws RefusedException {
      String name = algorithm(ALGORITHMS, algorithm);
      requireParameters(DERNull.INSTANCE.equals(algorithm.getParameters()));
      return name;
    }

    @Override
    public void checkForm(byte[] signature) throws RefusedException {
      if (signature.length != bytes) {
        throw new RefusedException(
            RefusalReason.CSR_SIGNATURE_INVALID,
            "its signature has " + signature.length + " bytes and its key " + bytes);
      }
    }

    @Override
    public PublicKey publicKey() throws RefusedException {
      return RequestedKey.publicKey("RSA", spki, crypto);
    }
  }
}
