package dev.signet.ca.issuance;

import dev.signet.spiffe.SpiffeId;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The bytes that each extension of ours must have, written out independently of the library that
 * writes certificates.
 */
final class Extensions {
  static final String SUBJECT_KEY_ID = "2.5.29.14";
  static final String KEY_USAGE = "2.5.29.15";
  static final String SUBJECT_ALT_NAME = "2.5.29.17";
  static final String BASIC_CONSTRAINTS = "2.5.29.19";
  static final String AUTHORITY_KEY_ID = "2.5.29.35";
  static final String EXTENDED_KEY_USAGE = "2.5.29.37";

  /** serverAuth and clientAuth, in this order. */
  static final List<String> LEAF_PURPOSES = List.of("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");

  private static final byte[] CA_FALSE = {0x30, 0x00};
  private static final byte[] CA_TRUE = {0x30, 0x03, 0x01, 0x01, (byte) 0xff};
  private static final byte[] CA_TRUE_PATH_0 = {
    0x30, 0x06, 0x01, 0x01, (byte) 0xff, 0x02, 0x01, 0x00
  };

  private static final int SEQUENCE = 0x30;
  private static final int OCTET_STRING = 0x04;
  private static final int URI = 0x86;
  private static final int KEY_IDENTIFIER = 0x80;

  private Extensions() {}

  static byte[] basicConstraints(Profile profile) {
    return switch (profile) {
      case ROOT -> CA_TRUE.clone();
      case AUTHORITY -> CA_TRUE_PATH_0.clone();
      case LEAF -> CA_FALSE.clone();
    };
  }

  static byte[] uriName(SpiffeId id) {
    return tagged(SEQUENCE, tagged(URI, id.toString().getBytes(StandardCharsets.US_ASCII)));
  }

  static byte[] subjectKeyId(SubjectKeyId id) {
    return tagged(OCTET_STRING, id.bytes());
  }

  static byte[] authorityKeyId(SubjectKeyId id) {
    return tagged(SEQUENCE, tagged(KEY_IDENTIFIER, id.bytes()));
  }

  static byte[] octetString(byte[] content) {
    return tagged(OCTET_STRING, content);
  }

  /** DER of at most 65,535 bytes of content. */
  static byte[] tagged(int tag, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(content.length + 4);
    out.write(tag);
    if (content.length < 0x80) {
      out.write(content.length);
    } else if (content.length < 0x100) {
      out.write(0x81);
      out.write(content.length);
    } else if (content.length < 0x10000) {
      out.write(0x82);
      out.write(content.length >> 8);
      out.write(content.length);
    } else {
      throw new IllegalArgumentException(content.length + " bytes are more than fit here");
    }
    out.writeBytes(content);
    return out.toByteArray();
  }
}
