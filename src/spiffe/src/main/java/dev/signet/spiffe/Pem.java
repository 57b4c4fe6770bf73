package dev.signet.spiffe;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;

/** Certificates in the text form of RFC 7468. */
final class Pem {

  private static final String BEGIN = "-----BEGIN ";
  private static final String BEGIN_CERTIFICATE = "-----BEGIN CERTIFICATE-----";
  private static final String END_CERTIFICATE = "-----END CERTIFICATE-----";
  private static final Base64.Encoder ENCODER =
      Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

  private Pem() {}

  static String encode(List<X509Certificate> certificates) {
    StringBuilder pem = new StringBuilder();
    for (X509Certificate certificate : certificates) {
      pem.append(BEGIN_CERTIFICATE)
          .append('\n')
          .append(ENCODER.encodeToString(Certificates.encoded(certificate)))
          .append('\n')
          .append(END_CERTIFICATE)
          .append('\n');
    }
    return pem.toString();
  }

  /**
   * The DER of all certificates in the text, concatenated. Text between the blocks is passed over
   * (RFC 7468 section 2); blocks of any other kind, such as keys, are refused, and so is a text
   * that says something but holds no certificate.
   */
  static byte[] decode(String pem) throws BrokenRuleException {
    ByteArrayOutputStream der = new ByteArrayOutputStream();
    StringBuilder block = null;
    for (String line : pem.lines().map(String::strip).toList()) {
      if (block == null && line.startsWith(BEGIN)) {
        if (!line.equals(BEGIN_CERTIFICATE)) {
          throw malformed("a block that is no certificate (a private key never belongs here)");
        }
        block = new StringBuilder();
      } else if (block != null && line.equals(END_CERTIFICATE)) {
        der.writeBytes(base64(block.toString()));
        block = null;
      } else if (block != null) {
        block.append(line);
      }
    }
    if (block != null) {
      throw malformed("a certificate without its END line");
    }
    if (der.size() == 0 && !pem.isBlank()) {
      throw malformed("no certificate");
    }
    return der.toByteArray();
  }

  private static byte[] base64(String text) throws BrokenRuleException {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw malformed("a certificate that is not base64");
    }
  }

  private static BrokenRuleException malformed(String what) {
    return new BrokenRuleException(
        BrokenRuleException.PATH, "the PEM text holds " + what + "; expected CERTIFICATE blocks");
  }
}
