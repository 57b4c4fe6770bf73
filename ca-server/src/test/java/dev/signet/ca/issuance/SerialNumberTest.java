package dev.signet.ca.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** F45, R13 (Linkerd counted from 1), R23 (Athenz had 21 octets). */
class SerialNumberTest {
  private static final int MANY = 300_000;

  @Test
  void random_isPositiveShortAndNeverTheSame() {
    SecureRandom random = new SecureRandom();
    Set<BigInteger> seen = new HashSet<>(MANY * 2);
    for (int i = 0; i < MANY; i++) {
      BigInteger value = SerialNumber.random(random).value();
      assertThat(value.signum() > 0 && value.toByteArray().length <= 17 && seen.add(value))
          .isTrue();
    }
  }

  @Test
  void everyOneOf128Bits_isUsed() {
    SecureRandom random = new SecureRandom();
    int[] set = new int[128];
    for (int i = 0; i < 1000; i++) {
      BigInteger value = SerialNumber.random(random).value();
      for (int bit = 0; bit < set.length; bit++) {
        set[bit] += value.testBit(bit) ? 1 : 0;
      }
    }

    // Ten standard deviations from 500.
    assertThat(Arrays.stream(set)).allMatch(count -> count > 340 && count < 660);
  }

  @Test
  void zeroFromTheGenerator_isNotTaken() {
    SecureRandom stuttering =
        new SecureRandom() {
          private int calls;

          @Override
          public void nextBytes(byte[] bytes) {
            Arrays.fill(bytes, (byte) (calls++ < 3 ? 0 : 0xff));
          }
        };

    assertThat(SerialNumber.random(stuttering).hex()).isEqualTo("f".repeat(32));
  }

  @Test
  void otherNumbers_areRefused() {
    for (BigInteger value :
        new BigInteger[] {
          BigInteger.ZERO, BigInteger.ONE.negate(), BigInteger.ONE.shiftLeft(128)
        }) {
      assertThatThrownBy(() -> new SerialNumber(value))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void hex_hasNoLeadingZeros() {
    assertThat(new SerialNumber(BigInteger.valueOf(0xabc)).hex()).isEqualTo("abc");
  }
}
