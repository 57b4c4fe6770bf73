package dev.signet.ca.adapter.x509;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.interfaces.RSAPrivateKey;
import java.util.Arrays;
import java.util.HexFormat;

/** Signatures that are not what they should be. */
final class Signatures {
  private static final byte[] SHA256_INFO =
      HexFormat.of().parseHex("3031300d060960864801650304020105000420");

  private Signatures() {}

  /** The same numbers, the first with a zero byte in front. */
  static byte[] padded(byte[] signature) {
    byte[] content = content(signature);
    int length = content[1];
    byte[] r = Arrays.copyOfRange(content, 2, 2 + length);
    byte[] s = Arrays.copyOfRange(content, 2 + length, content.length);
    return Der.sequence(Der.tagged(0x02, new byte[1], r), s);
  }

  /** What a SEQUENCE of less than 128 bytes holds. */
  static byte[] content(byte[] sequence) {
    return Arrays.copyOfRange(sequence, 2, sequence.length);
  }

  /** A PKCS#1 v1.5 block of SHA-256, with some of the padding moved behind the hash as garbage. */
  static byte[] padding(byte[] message, int size, int garbage) {
    byte[] block = new byte[size];
    int hashEnd = size - garbage;
    int infoStart = hashEnd - 32 - SHA256_INFO.length;
    Arrays.fill(block, (byte) 0xff);
    block[0] = 0;
    block[1] = 1;
    block[infoStart - 1] = 0;
    System.arraycopy(SHA256_INFO, 0, block, infoStart, SHA256_INFO.length);
    System.arraycopy(sha256(message), 0, block, hashEnd - 32, 32);
    return block;
  }

  /** The private operation on any block. */
  static byte[] rsa(KeyPair pair, byte[] block) {
    RSAPrivateKey key = (RSAPrivateKey) pair.getPrivate();
    byte[] raw =
        new BigInteger(1, block).modPow(key.getPrivateExponent(), key.getModulus()).toByteArray();
    byte[] fixed = new byte[block.length];
    int length = Math.min(raw.length, fixed.length);
    System.arraycopy(raw, raw.length - length, fixed, fixed.length - length, length);
    return fixed;
  }

  static byte[] allOnes(int size) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) 0xff);
    return bytes;
  }

  private static byte[] sha256(byte[] data) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(data);
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }
}
