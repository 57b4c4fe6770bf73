package dev.signet.ca.issuance;

import dev.signet.spiffe.IssuedX509Chain;
import dev.signet.spiffe.SpiffeException;
import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.X509Authority;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads to-be-signed bytes with another parser (the JDK's) than the library that wrote them, and
 * compares: each rule that X509-SVID has for issuers, and every field with what was meant. What is
 * not expected is refused, not ignored.
 */
public final class CertificateLint {
  private static final String ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
  private static final int KEY_USAGES = 9;

  /** No signature: r = s = 1. The parser wants one; nothing verifies it here. */
  private static final byte[] NO_SIGNATURE = {0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01};

  private CertificateLint() {}

  /**
   * Passes bytes on for signing.
   *
   * @throws NotSoundException naming the rule that is broken
   */
  public static LintedTbs check(byte[] tbs, CertificateContent content) throws NotSoundException {
    X509Certificate parsed;
    try {
      parsed = Certificates.parse(Certificates.assemble(tbs, NO_SIGNATURE));
      require(
          Arrays.equals(parsed.getTBSCertificate(), tbs),
          "it does not read back as it was written");
    } catch (CertificateException e) {
      throw new NotSoundException("it cannot be read back: " + e.getMessage(), e);
    }
    checkRules(parsed, content);
    checkFields(parsed, content);
    checkExtensions(parsed, content, tbs);
    return new LintedTbs(content, tbs);
  }

  private static void checkRules(X509Certificate parsed, CertificateContent content)
      throws NotSoundException {
    try {
      SpiffeId id =
          content.profile().isCa()
              ? X509Authority.of(content.id().trustDomain(), parsed).trustDomain().id()
              : IssuedX509Chain.of(List.of(parsed)).id();
      require(id.equals(content.id()), "its ID is " + id + ", not " + content.id());
    } catch (SpiffeException e) {
      throw new NotSoundException("it breaks a rule of X509-SVID: " + e.getMessage(), e);
    }
  }

  private static void checkFields(X509Certificate parsed, CertificateContent content)
      throws NotSoundException {
    require(parsed.getVersion() == 3, "its version is not 3");
    require(
        parsed.getSerialNumber().equals(content.serial().value()), "its serial number is another");
    require(parsed.getSerialNumber().signum() > 0, "its serial number is not positive");
    require(parsed.getSigAlgOID().equals(ECDSA_WITH_SHA256), "its signature algorithm is another");
    require(
        Arrays.equals(parsed.getIssuerX500Principal().getEncoded(), content.issuer().getEncoded()),
        "its issuer is another");
    require(
        Arrays.equals(
            parsed.getSubjectX500Principal().getEncoded(), content.subject().getEncoded()),
        "its subject is another");
    Validity validity = content.validity();
    require(
        parsed.getNotBefore().toInstant().equals(validity.notBefore())
            && parsed.getNotAfter().toInstant().equals(validity.notAfter()),
        "its validity is another");
    require(
        Arrays.equals(parsed.getPublicKey().getEncoded(), content.publicKey().getEncoded()),
        "its public key is another");
    require(
        parsed.getIssuerUniqueID() == null && parsed.getSubjectUniqueID() == null,
        "it has a unique identifier");
  }

  private static void checkExtensions(
      X509Certificate parsed, CertificateContent content, byte[] tbs) throws NotSoundException {
    Map<String, byte[]> expected = Extensions.values(content);
    Set<String> critical = Extensions.critical(content.profile());
    Set<String> others = new TreeSet<>(expected.keySet());
    others.removeAll(critical);
    require(
        critical.equals(given(parsed.getCriticalExtensionOIDs())),
        "its critical extensions are others");
    require(
        others.equals(given(parsed.getNonCriticalExtensionOIDs())), "its extensions are others");
    checkUsage(parsed, content.profile().isCa());
    for (Map.Entry<String, byte[]> extension : expected.entrySet()) {
      require(
          Arrays.equals(
              parsed.getExtensionValue(extension.getKey()),
              Extensions.octetString(extension.getValue())),
          "its extension " + extension.getKey() + " is another than was meant");
    }
    // The JDK reads a BOOLEAN of 0x01, and a SET in the place of a SEQUENCE.
    byte[] end = Extensions.encoded(content);
    require(
        tbs.length > end.length
            && Arrays.equals(tbs, tbs.length - end.length, tbs.length, end, 0, end.length),
        "its extensions are not in order, or not in DER");
  }

  private static void checkUsage(X509Certificate parsed, boolean ca) throws NotSoundException {
    boolean[] usage = new boolean[KEY_USAGES];
    if (ca) {
      usage[5] = true; // keyCertSign
      usage[6] = true; // cRLSign
    } else {
      usage[0] = true; // digitalSignature
    }
    boolean[] parsedUsage =
        Objects.requireNonNull(parsed.getKeyUsage(), "checked to be there (X-11)");
    require(
        Arrays.equals(usage, Arrays.copyOf(parsedUsage, KEY_USAGES)), "its key usage is another");
    try {
      List<String> purposes = parsed.getExtendedKeyUsage();
      require(
          ca ? purposes == null : Extensions.LEAF_PURPOSES.equals(purposes),
          "its extended key usage is another");
    } catch (CertificateException e) {
      throw new NotSoundException("its extended key usage cannot be read", e);
    }
  }

  private static Set<String> given(@Nullable Set<String> oids) {
    return oids == null ? Set.of() : oids;
  }

  private static void require(boolean holds, String otherwise) throws NotSoundException {
    if (!holds) {
      throw new NotSoundException(otherwise);
    }
  }
}
