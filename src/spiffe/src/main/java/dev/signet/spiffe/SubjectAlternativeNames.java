package dev.signet.spiffe;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The URIs among a certificate's subject alternative names.
 *
 * <p>Read from the extension's own bytes. {@link X509Certificate#getSubjectAlternativeNames} is no
 * base for a decision: the JDK decodes IA5 text byte for byte into Latin or replacement characters,
 * and on Java 17 a URI it cannot parse in a non-critical extension makes all names vanish.
 */
record SubjectAlternativeNames(List<String> uris) {

  private static final String OID = "2.5.29.17";

  /** RFC 5280 section 4.2.1.6: the implicit context tag of uniformResourceIdentifier. */
  private static final int URI = 0x86;

  SubjectAlternativeNames {
    uris = List.copyOf(uris);
  }

  static SubjectAlternativeNames of(X509Certificate certificate) throws BrokenRuleException {
    byte[] extension = certificate.getExtensionValue(OID);
    if (extension == null) {
      return new SubjectAlternativeNames(List.of());
    }
    return parse(DerReader.single(extension, DerReader.OCTET_STRING).contentBytes());
  }

  /** Reads the extension's value, GeneralNames of RFC 5280 section 4.2.1.6. */
  static SubjectAlternativeNames parse(byte[] generalNames) throws BrokenRuleException {
    DerReader names = DerReader.single(generalNames, DerReader.SEQUENCE).content();
    List<String> uris = new ArrayList<>(1);
    while (names.hasNext()) {
      DerReader.Element name = names.next();
      if (name.tag() == URI) {
        uris.add(name.ascii());
      } else if ((name.tag() & 0xdf) == URI) {
        throw new BrokenRuleException(BrokenRuleException.PATH, "a URI name in constructed form");
      }
    }
    return new SubjectAlternativeNames(uris);
  }

  /** The SPIFFE ID of an SVID: of its one and only URI. */
  SpiffeId spiffeId() throws BrokenRuleException {
    if (uris.isEmpty()) {
      throw new BrokenRuleException(
          "X-1", "the certificate has no URI name, so no SPIFFE ID; issue it with exactly one");
    }
    if (uris.size() > 1) {
      throw new BrokenRuleException(
          "X-2",
          "the certificate has "
              + uris.size()
              + " URI names; an SVID has exactly one, its SPIFFE ID: "
              + Quoted.of(String.join(" ", uris)));
    }
    try {
      return SpiffeId.parse(uris.get(0));
    } catch (InvalidSpiffeIdException e) {
      throw new BrokenRuleException(
          e.rule(), "the certificate's URI is no SPIFFE ID: " + e.problem(), e);
    }
  }

  /** The SPIFFE ID of a signing certificate, which is free to have none. */
  Optional<SpiffeId> signingId() throws BrokenRuleException {
    boolean svid = uris.stream().anyMatch(uri -> uri.startsWith(SpiffeId.SCHEME));
    return svid ? Optional.of(spiffeId()) : Optional.empty();
  }
}
