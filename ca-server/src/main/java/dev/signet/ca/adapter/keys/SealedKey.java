package dev.signet.ca.adapter.keys;

import dev.signet.ca.keys.KeyId;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * A private key as it lies on the disk: six lines of text, so that {@code cat} shows whose it is.
 *
 * <pre>
 * signet-sealed-key 1
 * id root-3f9a0c5e
 * key-encryption-key 0f1e2d3c4b5a6978        (its fingerprint)
 * public-key BASE64                          (SubjectPublicKeyInfo)
 * nonce BASE64                               (12 random bytes)
 * sealed BASE64                              (AES-256-GCM of the PKCS#8 form)
 * </pre>
 *
 * The first five lines are the associated data of the sixth: none can be changed, and no sealed
 * part can be moved under another name or public key.
 */
record SealedKey(KeyId id, String kek, String publicKey64, String nonce64, String sealed64) {
  /** Far above what a P-256 key needs. */
  static final int MAX_BYTES = 4096;

  private static final String MAGIC = "signet-sealed-key ";
  private static final String VERSION = "1";
  private static final int NONCE_BYTES = 12;

  /** It is not what this release writes. */
  static final class DamagedException extends Exception {
    DamagedException(String message) {
      super(message);
    }
  }

  static SealedKey seal(
      KeyId id, byte[] publicKey, byte[] pkcs8, KeyEncryptionKey kek, SecureRandom random)
      throws GeneralSecurityException {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    SealedKey empty = new SealedKey(id, kek.fingerprint(), encode(publicKey), encode(nonce), "");
    byte[] sealed = kek.seal(nonce, empty.associated(), pkcs8);
    return new SealedKey(id, kek.fingerprint(), empty.publicKey64, empty.nonce64, encode(sealed));
  }

  /**
   * Unseals it.
   *
   * @return the PKCS#8 form, to be cleared by the caller
   * @throws GeneralSecurityException if a bit was changed or the key is another
   */
  byte[] open(KeyEncryptionKey key) throws GeneralSecurityException {
    return key.open(decode(nonce64), associated(), decode(sealed64));
  }

  byte[] publicKey() {
    return decode(publicKey64);
  }

  static SealedKey parse(byte[] file) throws DamagedException {
    if (file.length > MAX_BYTES) {
      throw new DamagedException("it is longer than " + MAX_BYTES + " bytes");
    }
    String text = new String(file, StandardCharsets.US_ASCII);
    if (!text.startsWith(MAGIC)) {
      throw new DamagedException("it does not begin with \"" + MAGIC.strip() + "\"");
    }
    String[] lines = text.split("\n", -1);
    String version = lines[0].substring(MAGIC.length());
    if (!version.equals(VERSION)) {
      throw new DamagedException(
          "its version is not " + VERSION + ": a newer release wrote it, or it is damaged");
    }
    if (lines.length != 7 || !lines[6].isEmpty()) {
      throw new DamagedException("it does not have its six lines: it is cut off or was edited");
    }
    try {
      return new SealedKey(
          new KeyId(value(lines[1], "id")),
          value(lines[2], "key-encryption-key"),
          strict64(value(lines[3], "public-key")),
          strict64(value(lines[4], "nonce")),
          strict64(value(lines[5], "sealed")));
    } catch (IllegalArgumentException e) {
      throw new DamagedException("a line is not in form: " + e.getMessage());
    }
  }

  byte[] encoded() {
    return (head() + "sealed " + sealed64 + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  private byte[] associated() {
    return head().getBytes(StandardCharsets.US_ASCII);
  }

  private String head() {
    return MAGIC
        + VERSION
        + "\nid "
        + id
        + "\nkey-encryption-key "
        + kek
        + "\npublic-key "
        + publicKey64
        + "\nnonce "
        + nonce64
        + "\n";
  }

  private static String value(String line, String name) throws DamagedException {
    if (!line.startsWith(name + " ")) {
      throw new DamagedException("the line \"" + name + "\" is not in its place");
    }
    return line.substring(name.length() + 1);
  }

  /** One text for each value, so that what is authenticated is what lies in the file. */
  private static String strict64(String text) {
    if (!encode(decode(text)).equals(text)) {
      throw new IllegalArgumentException("base64 with stray bits");
    }
    return text;
  }

  private static String encode(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static byte[] decode(String text) {
    return Base64.getDecoder().decode(text);
  }

  @Override
  public String toString() {
    return "SealedKey[" + id + "]";
  }
}
