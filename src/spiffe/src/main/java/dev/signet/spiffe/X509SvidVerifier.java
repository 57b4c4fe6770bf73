package dev.signet.spiffe;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Verifies X509-SVIDs of peers (X509-SVID section 5).
 *
 * <p>The trust domain in the leaf picks the bundle, and no other bundle counts. The path is
 * validated by RFC 5280 at the given time, and three things that RFC 5280 leaves open hold as well:
 * the authority itself must be valid at that time, its path length and name constraints bind, and
 * signatures and keys are of an allow-list of ours. There is no revocation; SVIDs are short-lived
 * instead. Stateless: no answer is kept, safe for use by many threads.
 */
public final class X509SvidVerifier {

  private X509SvidVerifier() {}

  /**
   * Verifies what a peer presented.
   *
   * @param bundles the trust domains whose SVIDs are acceptable
   * @param now the time at which everything on the path must be valid
   * @throws InvalidX509SvidException if it is not a valid X509-SVID of one of the trust domains
   */
  public static VerifiedX509Svid verify(
      PresentedX509Chain presented, X509BundleSet bundles, Instant now) {
    try {
      List<X509Certificate> certificates = presented.certificates();
      SpiffeId id = CertificateRules.leaf(certificates.get(0));
      X509Bundle bundle = bundles.bundle(id.trustDomain()).orElseThrow(() -> untrusted(id));
      List<X509Certificate> path =
          new PathSearch(certificates, bundle.issuers(), found -> checkPath(found, now)).find();
      return new VerifiedX509Svid(id, path);
    } catch (BrokenRuleException e) {
      throw new InvalidX509SvidException(e);
    }
  }

  private static BrokenRuleException untrusted(SpiffeId id) {
    return new BrokenRuleException(
        "W-28",
        Quoted.of(id.toString())
            + " is of a trust domain without a bundle here; federate with it or refuse it");
  }

  private static void checkPath(List<X509Certificate> path, Instant now)
      throws BrokenRuleException {
    int last = path.size() - 1;
    for (X509Certificate certificate : path) {
      checkValidity(certificate, now);
      CryptoPolicy.checkKey(certificate);
    }
    for (X509Certificate presented : path.subList(0, last)) {
      CryptoPolicy.checkSignature(presented);
    }
    for (X509Certificate intermediate : path.subList(1, last)) {
      CertificateRules.signing(intermediate);
    }
    X509Certificate authority = path.get(last);
    checkPathLength(authority, path.subList(1, last));
    validate(path.subList(0, last), authority, now);
  }

  private static void checkValidity(X509Certificate certificate, Instant now)
      throws BrokenRuleException {
    Instant from = certificate.getNotBefore().toInstant();
    Instant until = certificate.getNotAfter().toInstant();
    if (now.isBefore(from) || now.isAfter(until)) {
      throw new BrokenRuleException(
          BrokenRuleException.PATH,
          String.format(
              Locale.ROOT,
              "certificate %s is valid from %s until %s, and it is %s; renew it or set the clock",
              CertificateRules.subject(certificate),
              from,
              until,
              now));
    }
  }

  /** RFC 5280 section 6.1 starts below the anchor; the limit in the anchor binds here too. */
  private static void checkPathLength(
      X509Certificate authority, List<X509Certificate> intermediates) throws BrokenRuleException {
    long counted =
        intermediates.stream().filter(one -> !CertificateRules.isSelfIssued(one)).count();
    if (counted > authority.getBasicConstraints()) {
      throw new BrokenRuleException(
          BrokenRuleException.PATH,
          "authority "
              + CertificateRules.subject(authority)
              + " allows "
              + authority.getBasicConstraints()
              + " intermediates, the path has "
              + counted);
    }
  }

  private static void validate(
      List<X509Certificate> presented, X509Certificate authority, Instant now)
      throws BrokenRuleException {
    boolean constrained = CertificateRules.isNameConstrained(authority);
    if (constrained && !CertificateRules.isSelfIssued(authority)) {
      throw new BrokenRuleException(
          "X-10",
          "authority "
              + CertificateRules.subject(authority)
              + " has name constraints but is not self-signed; they can then not be applied");
    }
    try {
      // An anchor of name and key only: with its certificate, the JDK would refuse a leaf whose key
      // identifier differs, a hint that RFC 5280 section 6 does not validate; and it refuses to
      // apply an anchor's name constraints at all. A self-signed authority can stand in the path as
      // well, below the anchor; there its constraints are applied.
      TrustAnchor anchor =
          new TrustAnchor(authority.getSubjectX500Principal(), authority.getPublicKey(), null);
      PKIXParameters parameters = new PKIXParameters(Set.of(anchor));
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(now));
      CertPathValidator.getInstance("PKIX", Certificates.JDK_PROVIDER)
          .validate(Certificates.path(presented, constrained ? authority : null), parameters);
    } catch (GeneralSecurityException | RuntimeException e) {
      // Runtime too: URI name constraints make the JDK throw NullPointerException for trust domains
      // that are no DNS names, such as a_b. That is a refusal as good as any.
      throw new BrokenRuleException(
          BrokenRuleException.PATH,
          "the path from certificate "
              + CertificateRules.subject(presented.get(0))
              + " to authority "
              + CertificateRules.subject(authority)
              + " is not valid: "
              + Quoted.of(String.valueOf(e.getMessage())),
          e);
    }
  }
}
