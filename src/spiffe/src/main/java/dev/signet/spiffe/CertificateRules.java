package dev.signet.spiffe;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What X509-SVID sections 2 to 5.2 demand of one certificate by itself, time aside. */
final class CertificateRules {

  private static final int DIGITAL_SIGNATURE = 0;
  private static final int KEY_ENCIPHERMENT = 2;
  private static final int KEY_AGREEMENT = 4;
  private static final int KEY_CERT_SIGN = 5;
  private static final int CRL_SIGN = 6;

  private static final String KEY_USAGE_OID = "2.5.29.15";
  private static final String NAME_CONSTRAINTS_OID = "2.5.29.30";
  private static final String SERVER_AUTH_OID = "1.3.6.1.5.5.7.3.1";
  private static final String CLIENT_AUTH_OID = "1.3.6.1.5.5.7.3.2";

  private CertificateRules() {}

  /** A certificate that identifies a workload; its SPIFFE ID. */
  static SpiffeId leaf(X509Certificate certificate) throws BrokenRuleException {
    SpiffeId id = SubjectAlternativeNames.of(certificate).spiffeId();
    if (id.isTrustDomainId()) {
      throw new BrokenRuleException(
          "X-18", Quoted.of(id.toString()) + " has no path; only signing certificates may use it");
    }
    if (certificate.getBasicConstraints() >= 0) {
      throw new BrokenRuleException(
          "X-17", of(id) + " is a CA certificate; it never authenticates a peer");
    }
    boolean[] usage = keyUsage(certificate, of(id));
    if (usage[KEY_CERT_SIGN] || usage[CRL_SIGN]) {
      throw new BrokenRuleException(
          "X-17", of(id) + " has key usage keyCertSign or cRLSign; a leaf never has");
    }
    if (!usage[DIGITAL_SIGNATURE]) {
      throw new BrokenRuleException(
          "X-13", of(id) + " lacks key usage digitalSignature; a leaf needs it");
    }
    checkLeafExtendedKeyUsage(certificate, id);
    return id;
  }

  /**
   * A certificate that signs others, as a validator must see it.
   *
   * <p>It need not be an SVID, nor, if it is one, be in the trust domain it issues for
   * (X509-SVID section 3.2): trust in it comes from the bundle or from its issuer.
   */
  static Optional<SpiffeId> signing(X509Certificate certificate) throws BrokenRuleException {
    String who = "signing certificate " + subject(certificate);
    if (certificate.getBasicConstraints() < 0) {
      throw new BrokenRuleException("X-9", who + " is not a CA: basic constraints cA is not set");
    }
    boolean[] usage = keyUsage(certificate, who);
    if (!usage[KEY_CERT_SIGN]) {
      throw new BrokenRuleException("X-12", who + " lacks key usage keyCertSign");
    }
    if (certificate.hasUnsupportedCriticalExtension()) {
      throw new BrokenRuleException(
          BrokenRuleException.PATH, who + " has a critical extension that is not known");
    }
    if (isNameConstrained(certificate) && !isCritical(certificate, NAME_CONSTRAINTS_OID)) {
      // RFC 5280 section 4.2.1.10. The JDK would pass over one that it cannot parse.
      throw new BrokenRuleException("X-10", who + " has name constraints that are not critical");
    }
    Optional<SpiffeId> id = SubjectAlternativeNames.of(certificate).signingId();
    if (id.isPresent() && !id.get().isTrustDomainId()) {
      throw new BrokenRuleException(
          "X-8", who + " has the ID " + Quoted.of(id.get().toString()) + ", which has a path");
    }
    return id;
  }

  /** A signing certificate as an issuer must make it (ID-16, ID-17, X-7, X-14). */
  static void issuedSigning(X509Certificate certificate, TrustDomain trustDomain)
      throws BrokenRuleException {
    String who = "signing certificate " + subject(certificate);
    Optional<SpiffeId> id = signing(certificate);
    if (id.isEmpty()) {
      throw new BrokenRuleException(
          "X-7", who + " is not an SVID; give it the URI name " + trustDomain.id());
    }
    if (!id.get().equals(trustDomain.id())) {
      throw new BrokenRuleException(
          "ID-17", who + " has the ID " + id.get() + "; it must have " + trustDomain.id());
    }
    boolean[] usage = keyUsage(certificate, who);
    if (usage[DIGITAL_SIGNATURE] || usage[KEY_ENCIPHERMENT] || usage[KEY_AGREEMENT]) {
      throw new BrokenRuleException(
          "X-14", who + " has a leaf's key usage; it may have keyCertSign and cRLSign only");
    }
  }

  static boolean isNameConstrained(X509Certificate certificate) {
    return certificate.getExtensionValue(NAME_CONSTRAINTS_OID) != null;
  }

  static boolean isSelfIssued(X509Certificate certificate) {
    return certificate.getIssuerX500Principal().equals(certificate.getSubjectX500Principal());
  }

  /** Names a certificate to a reader: its subject or, where it has none, its serial number. */
  static String subject(X509Certificate certificate) {
    String name = certificate.getSubjectX500Principal().getName();
    return name.isEmpty()
        ? "of serial " + certificate.getSerialNumber().toString(16)
        : Quoted.of(name);
  }

  private static String of(SpiffeId id) {
    return "the certificate of " + Quoted.of(id.toString());
  }

  /** The nine bits of key usage, present and critical as X-11 demands. */
  private static boolean[] keyUsage(X509Certificate certificate, String who)
      throws BrokenRuleException {
    boolean[] usage = certificate.getKeyUsage();
    if (usage == null) {
      throw new BrokenRuleException("X-11", who + " has no key usage");
    }
    if (!isCritical(certificate, KEY_USAGE_OID)) {
      throw new BrokenRuleException("X-11", who + " has a key usage that is not critical");
    }
    return usage;
  }

  private static void checkLeafExtendedKeyUsage(X509Certificate certificate, SpiffeId id)
      throws BrokenRuleException {
    List<String> purposes;
    try {
      purposes = certificate.getExtendedKeyUsage();
    } catch (CertificateParsingException e) {
      throw new BrokenRuleException("X-15", of(id) + " has an unreadable extended key usage", e);
    }
    if (purposes != null && !purposes.containsAll(List.of(SERVER_AUTH_OID, CLIENT_AUTH_OID))) {
      throw new BrokenRuleException(
          "X-15", of(id) + " has an extended key usage without both serverAuth and clientAuth");
    }
  }

  private static boolean isCritical(X509Certificate certificate, String oid) {
    Set<String> critical = certificate.getCriticalExtensionOIDs();
    return critical != null && critical.contains(oid);
  }
}
