package dev.signet.ca.issuance;

import java.math.BigInteger;
import java.security.SecureRandom;

/**
 * 128 random bits: no counter that tells how many there are, no store that must be asked for the
 * next. Positive, and at most 17 octets of the 20 that RFC 5280, section 4.1.2.2 allows.
 */
public record SerialNumber(BigInteger value) {
  private static final int BYTES = 16;

  public SerialNumber {
    if (value.signum() <= 0 || value.bitLength() > BYTES * 8) {
      throw new IllegalArgumentException("a serial number is positive and has 128 bits at most");
    }
  }

  public static SerialNumber random(SecureRandom random) {
    byte[] bytes = new byte[BYTES];
    BigInteger value;
    do {
      random.nextBytes(bytes);
      value = new BigInteger(1, bytes);
    } while (value.signum() == 0);
    return new SerialNumber(value);
  }

  /** Lower-case hex without leading zeros. */
  public String hex() {
    return value.toString(16);
  }

  @Override
  public String toString() {
    return hex();
  }
}
