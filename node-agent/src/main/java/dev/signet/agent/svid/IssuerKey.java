package dev.signet.agent.svid;

import dev.signet.spiffe.X509Svid;
import java.util.HexFormat;

/** Which issuing authority signed a leaf. */
final class IssuerKey {
  private static final String AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";
  private static final int OCTET_STRING = 0x04;
  private static final int SEQUENCE = 0x30;
  private static final int KEY_IDENTIFIER = 0x80;

  /** Tag and length of the extension's value, of the sequence in it and of its first field. */
  private static final int HEADERS = 6;

  private IssuerKey() {}

  /**
   * The leaf's authority key identifier, lower-case hex; empty where it has none in the form that
   * Signet writes: of fewer than 128 bytes, beginning with the key identifier (RFC 5280 section
   * 4.2.1.1).
   */
  static String of(X509Svid svid) {
    byte[] der = svid.leaf().getExtensionValue(AUTHORITY_KEY_IDENTIFIER);
    if (der == null
        || der.length <= HEADERS
        || der[0] != OCTET_STRING
        || der[1] != der.length - 2
        || der[2] != SEQUENCE
        || der[3] != der.length - 4
        || (der[4] & 0xff) != KEY_IDENTIFIER
        || der[5] < 1
        || der[5] > der.length - HEADERS) {
      return "";
    }
    return HexFormat.of().formatHex(der, HEADERS, HEADERS + der[5]);
  }
}
