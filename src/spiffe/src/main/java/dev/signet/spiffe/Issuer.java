package dev.signet.spiffe;

import java.security.cert.X509Certificate;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A certificate that may have issued another, with the key identifiers that help to choose. */
@SuppressWarnings("ArrayRecordComponent") // never compared, never leaves the package
record Issuer(X509Certificate certificate, byte @Nullable [] subjectKeyId) {

  private static final String SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
  private static final String AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";
  private static final int KEY_IDENTIFIER = 0x80;

  static Issuer of(X509Certificate certificate) {
    return new Issuer(certificate, subjectKeyId(certificate));
  }

  /** Whether the names let this have issued {@code child}. */
  boolean namedBy(X509Certificate child) {
    return certificate.getSubjectX500Principal().equals(child.getIssuerX500Principal());
  }

  /**
   * How unlikely this issued a child with the given authority key identifier. A hint only (RFC 5280
   * section 4.2.1.1 helps to build paths, it does not validate): the unlikely are tried last.
   */
  int unlikelihood(byte @Nullable [] authorityKeyId) {
    if (authorityKeyId == null || subjectKeyId == null) {
      return 1;
    }
    return Arrays.equals(authorityKeyId, subjectKeyId) ? 0 : 2;
  }

  static byte @Nullable [] authorityKeyId(X509Certificate certificate) {
    byte[] extension = certificate.getExtensionValue(AUTHORITY_KEY_IDENTIFIER);
    if (extension == null) {
      return null;
    }
    try {
      byte[] value = DerReader.single(extension, DerReader.OCTET_STRING).contentBytes();
      DerReader fields = DerReader.single(value, DerReader.SEQUENCE).content();
      if (!fields.hasNext()) {
        return null;
      }
      DerReader.Element first = fields.next();
      return first.tag() == KEY_IDENTIFIER ? first.contentBytes() : null;
    } catch (BrokenRuleException e) {
      return null;
    }
  }

  private static byte @Nullable [] subjectKeyId(X509Certificate certificate) {
    byte[] extension = certificate.getExtensionValue(SUBJECT_KEY_IDENTIFIER);
    if (extension == null) {
      return null;
    }
    try {
      byte[] value = DerReader.single(extension, DerReader.OCTET_STRING).contentBytes();
      return DerReader.single(value, DerReader.OCTET_STRING).contentBytes();
    } catch (BrokenRuleException e) {
      return null;
    }
  }
}
