package dev.signet.ca.adapter.x509;

import java.math.BigInteger;
import java.util.Random;
import java.util.stream.IntStream;

/** RSA numbers that fall apart. */
final class WeakRsa {
  private static final Random RANDOM = new Random(1);

  private WeakRsa() {}

  /** With the two highest bits set, so that a product of two has twice the bits. */
  static BigInteger prime(int bits) {
    BigInteger top = BigInteger.valueOf(3).shiftLeft(bits - 2);
    return top.add(new BigInteger(bits - 2, RANDOM)).nextProbablePrime();
  }

  /**
   * The product of two primes of the form k M + (65537^a mod M), M being the product of the odd
   * primes up to 167: what Infineon's library made.
   */
  static BigInteger rocaModulus(int bits) {
    BigInteger product =
        IntStream.rangeClosed(3, 167)
            .mapToObj(BigInteger::valueOf)
            .filter(n -> n.isProbablePrime(30))
            .reduce(BigInteger.ONE, BigInteger::multiply)
            .multiply(BigInteger.TWO);
    BigInteger modulus;
    do {
      modulus = rocaPrime(bits / 2, product).multiply(rocaPrime(bits / 2, product));
    } while (modulus.bitLength() != bits);
    return modulus;
  }

  private static BigInteger rocaPrime(int bits, BigInteger product) {
    BigInteger residue = BigInteger.valueOf(65537).modPow(new BigInteger(60, RANDOM), product);
    while (true) {
      BigInteger k =
          BigInteger.valueOf(3)
              .shiftLeft(bits - 2)
              .add(new BigInteger(bits - 3, RANDOM))
              .divide(product);
      BigInteger candidate = k.multiply(product).add(residue);
      if (candidate.isProbablePrime(40)) {
        return candidate;
      }
    }
  }
}
