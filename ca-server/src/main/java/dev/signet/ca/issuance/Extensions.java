package dev.signet.ca.issuance;

import dev.signet.spiffe.SpiffeId;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

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

  private static final String[] ORDER = {
    BASIC_CONSTRAINTS,
    KEY_USAGE,
    EXTENDED_KEY_USAGE,
    SUBJECT_KEY_ID,
    AUTHORITY_KEY_ID,
    SUBJECT_ALT_NAME
  };

  /** serverAuth and clientAuth, in this order. */
  static final List<String> LEAF_PURPOSES = List.of("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");

  private static final byte[] CA_FALSE = {0x30, 0x00};
  private static final byte[] CA_TRUE = {0x30, 0x03, 0x01, 0x01, (byte) 0xff};
  private static final byte[] CA_TRUE_PATH_0 = {
    0x30, 0x06, 0x01, 0x01, (byte) 0xff, 0x02, 0x01, 0x00
  };

  /** keyCertSign and cRLSign. */
  private static final byte[] CA_USAGE = {0x03, 0x02, 0x01, 0x06};

  /** digitalSignature. */
  private static final byte[] LEAF_USAGE = {0x03, 0x02, 0x07, (byte) 0x80};

  private static final byte[] LEAF_PURPOSES_DER =
      HexFormat.of().parseHex("301406082b0601050507030106082b06010505070302");

  private static final byte[] TRUE = {0x01, 0x01, (byte) 0xff};
  private static final int EXTENSIONS = 0xa3;
  private static final int OBJECT_IDENTIFIER = 0x06;
  private static final int SEQUENCE = 0x30;
  private static final int OCTET_STRING = 0x04;
  private static final int URI = 0x86;
  private static final int KEY_IDENTIFIER = 0x80;

  private Extensions() {}

  private static byte[] basicConstraints(Profile profile) {
    return switch (profile) {
      case ROOT -> CA_TRUE.clone();
      case AUTHORITY -> CA_TRUE_PATH_0.clone();
      case LEAF -> CA_FALSE.clone();
    };
  }

  private static byte[] uriName(SpiffeId id) {
    return tagged(SEQUENCE, tagged(URI, id.toString().getBytes(StandardCharsets.US_ASCII)));
  }

  private static byte[] subjectKeyId(SubjectKeyId id) {
    return tagged(OCTET_STRING, id.bytes());
  }

  private static byte[] authorityKeyId(SubjectKeyId id) {
    return tagged(SEQUENCE, tagged(KEY_IDENTIFIER, id.bytes()));
  }

  /** The critical ones of a profile. A SAN is, where there is no subject. */
  static Set<String> critical(Profile profile) {
    return profile.isCa()
        ? Set.of(BASIC_CONSTRAINTS, KEY_USAGE)
        : Set.of(BASIC_CONSTRAINTS, KEY_USAGE, SUBJECT_ALT_NAME);
  }

  /** What each extension of a certificate holds, by OID. */
  static Map<String, byte[]> values(CertificateContent content) {
    boolean ca = content.profile().isCa();
    Map<String, byte[]> values = new HashMap<>();
    values.put(BASIC_CONSTRAINTS, basicConstraints(content.profile()));
    values.put(KEY_USAGE, (ca ? CA_USAGE : LEAF_USAGE).clone());
    if (!ca) {
      values.put(EXTENDED_KEY_USAGE, LEAF_PURPOSES_DER.clone());
    }
    values.put(SUBJECT_KEY_ID, subjectKeyId(SubjectKeyId.of(content.publicKey())));
    content.issuerKeyId().ifPresent(id -> values.put(AUTHORITY_KEY_ID, authorityKeyId(id)));
    values.put(SUBJECT_ALT_NAME, uriName(content.id()));
    return values;
  }

  /** All extensions as they end a certificate's signed part, byte for byte. */
  static byte[] encoded(CertificateContent content) {
    Map<String, byte[]> values = values(content);
    Set<String> critical = critical(content.profile());
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (String oid : ORDER) {
      byte[] value = values.get(oid);
      if (value != null) {
        all.writeBytes(extension(oid, critical.contains(oid), value));
      }
    }
    return tagged(EXTENSIONS, tagged(SEQUENCE, all.toByteArray()));
  }

  private static byte[] extension(String oid, boolean critical, byte[] value) {
    ByteArrayOutputStream parts = new ByteArrayOutputStream();
    byte last = (byte) Integer.parseInt(oid.substring("2.5.29.".length()));
    parts.writeBytes(tagged(OBJECT_IDENTIFIER, new byte[] {0x55, 0x1d, last}));
    if (critical) {
      parts.writeBytes(TRUE);
    }
    parts.writeBytes(octetString(value));
    return tagged(SEQUENCE, parts.toByteArray());
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
