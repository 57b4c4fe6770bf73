package dev.signet.ca.adapter.keys;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The AES-256 key that seals private keys. It comes from outside the data folder: who takes that
 * folder alone has no key. Thread-safe; nothing of it is ever printed.
 */
public final class KeyEncryptionKey {
  private static final int BYTES = 32;
  private static final int TAG_BITS = 128;

  private final SecretKeySpec key;
  private final String fingerprint;

  private KeyEncryptionKey(byte[] key) {
    this.key = new SecretKeySpec(key, "AES");
    this.fingerprint = fingerprint(key);
  }

  /**
   * Reads the content of a key file.
   *
   * @param file the content of the key file: 32 bytes in base64, one line. The array is cleared.
   * @throws IllegalArgumentException for anything else; the message does not quote it
   */
  public static KeyEncryptionKey parse(byte[] file) {
    byte[] key;
    try {
      key = Base64.getDecoder().decode(withoutLineEnd(file));
    } catch (IllegalArgumentException _) {
      throw malformed();
    } finally {
      Arrays.fill(file, (byte) 0);
    }
    try {
      if (key.length != BYTES || isConstant(key)) {
        throw malformed();
      }
      return new KeyEncryptionKey(key);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private static byte[] withoutLineEnd(byte[] file) {
    int end = file.length;
    while (end > 0 && (file[end - 1] == '\n' || file[end - 1] == '\r')) {
      end--;
    }
    return Arrays.copyOf(file, end);
  }

  private static boolean isConstant(byte[] key) {
    for (byte b : key) {
      if (b != key[0]) {
        return false;
      }
    }
    return true;
  }

  private static IllegalArgumentException malformed() {
    return new IllegalArgumentException(
        "the key-encryption key is not 32 random bytes in base64 (44 characters); make one with:"
            + " head -c 32 /dev/urandom | base64");
  }

  private static String fingerprint(byte[] key) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      byte[] tag = mac.doFinal("signet key-encryption key".getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of().formatHex(tag, 0, 8);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java runtime has no HmacSHA256", e);
    }
  }

  /** Names the key without telling anything of it: 16 hex digits of an HMAC under it. */
  String fingerprint() {
    return fingerprint;
  }

  byte[] seal(byte[] nonce, byte[] associated, byte[] plain) throws GeneralSecurityException {
    return cipher(Cipher.ENCRYPT_MODE, nonce, associated).doFinal(plain);
  }

  byte[] open(byte[] nonce, byte[] associated, byte[] sealed) throws GeneralSecurityException {
    return cipher(Cipher.DECRYPT_MODE, nonce, associated).doFinal(sealed);
  }

  private Cipher cipher(int mode, byte[] nonce, byte[] associated) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(associated);
    return cipher;
  }

  @Override
  public String toString() {
    return "KeyEncryptionKey[" + fingerprint + "]";
  }
}
