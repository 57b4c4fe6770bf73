package dev.signet.ca.issuance;

import java.security.PublicKey;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The name of a key in certificates: the first 160 bits of the SHA-256 of its SubjectPublicKeyInfo
 * (RFC 5280, section 4.2.1.2 leaves the method open; SHA-1 is not used for anything here). So it is
 * the beginning of what logs and records call the key.
 */
public record SubjectKeyId(String hex) {
  private static final int BYTES = 20;

  public SubjectKeyId {
    if (HexFormat.of().parseHex(hex).length != BYTES) {
      throw new IllegalArgumentException("a subject key identifier has 20 bytes");
    }
  }

  public static SubjectKeyId of(PublicKey key) {
    byte[] hash = Digests.sha256(key.getEncoded());
    return new SubjectKeyId(HexFormat.of().formatHex(Arrays.copyOf(hash, BYTES)));
  }

  public byte[] bytes() {
    return HexFormat.of().parseHex(hex);
  }
}
