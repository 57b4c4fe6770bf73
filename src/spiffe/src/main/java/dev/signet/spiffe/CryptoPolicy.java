package dev.signet.spiffe;

import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.EdECKey;
import java.security.interfaces.RSAKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Set;

/**
 * The signatures and keys that a path may rest on.
 *
 * <p>An allow-list of our own: what {@code jdk.certpath.disabledAlgorithms} refuses depends on the
 * machine, and by default it lets SHA-1 pass below a private root.
 */
final class CryptoPolicy {

  private static final Set<String> SIGNATURES =
      Set.of(
          "1.2.840.10045.4.3.2", // ecdsa-with-SHA256
          "1.2.840.10045.4.3.3", // ecdsa-with-SHA384
          "1.2.840.10045.4.3.4", // ecdsa-with-SHA512
          "1.2.840.113549.1.1.11", // sha256WithRSAEncryption
          "1.2.840.113549.1.1.12", // sha384WithRSAEncryption
          "1.2.840.113549.1.1.13", // sha512WithRSAEncryption
          "1.3.101.112"); // Ed25519
  private static final String RSASSA_PSS = "1.2.840.113549.1.1.10";
  private static final Set<String> DIGESTS = Set.of("SHA-256", "SHA-384", "SHA-512");
  private static final int MIN_RSA_BITS = 2048;
  private static final int MAX_RSA_BITS = 8192;
  private static final int MIN_EC_BITS = 256;

  private CryptoPolicy() {}

  static void checkSignature(X509Certificate certificate) throws BrokenRuleException {
    String oid = certificate.getSigAlgOID();
    if (!SIGNATURES.contains(oid) && !(oid.equals(RSASSA_PSS) && isStrongPss(certificate))) {
      throw new BrokenRuleException(
          BrokenRuleException.PATH,
          "certificate "
              + CertificateRules.subject(certificate)
              + " is signed with "
              + Quoted.of(certificate.getSigAlgName())
              + "; use ECDSA or RSA with SHA-256, SHA-384 or SHA-512, or Ed25519");
    }
  }

  static void checkKey(X509Certificate certificate) throws BrokenRuleException {
    if (!isStrong(certificate.getPublicKey())) {
      throw new BrokenRuleException(
          BrokenRuleException.PATH,
          "certificate "
              + CertificateRules.subject(certificate)
              + " has a key that is too weak or not known; use P-256, P-384, P-521, Ed25519 or RSA"
              + " of 2048 to 8192 bits");
    }
  }

  private static boolean isStrong(PublicKey key) {
    if (key instanceof ECKey ec) {
      return ec.getParams().getOrder().bitLength() >= MIN_EC_BITS;
    }
    if (key instanceof RSAKey rsa) {
      int bits = rsa.getModulus().bitLength();
      return bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS;
    }
    return key instanceof EdECKey ed && ed.getParams().getName().equals("Ed25519");
  }

  private static boolean isStrongPss(X509Certificate certificate) {
    byte[] encoded = certificate.getSigAlgParams();
    if (encoded == null) {
      return false; // RFC 4055 section 3.1: absent parameters mean SHA-1.
    }
    try {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("RSASSA-PSS");
      parameters.init(encoded);
      PSSParameterSpec pss = parameters.getParameterSpec(PSSParameterSpec.class);
      return DIGESTS.contains(pss.getDigestAlgorithm())
          && pss.getMGFParameters() instanceof MGF1ParameterSpec mask
          && DIGESTS.contains(mask.getDigestAlgorithm());
    } catch (GeneralSecurityException | IOException e) {
      return false;
    }
  }
}
