package dev.signet.ca.adapter.x509;

import dev.signet.ca.issuance.RefusedException;
import java.math.BigInteger;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Which RSA keys are taken: three sizes (huge ones burn the verifier's CPU), the one exponent that
 * every tool uses, and none of the known ways to generate a modulus that falls apart.
 */
final class RsaKeyPolicy {
  private static final Set<Integer> SIZES = Set.of(2048, 3072, 4096);
  private static final BigInteger EXPONENT = BigInteger.valueOf(65537);

  /** As many as other public CAs run; primes that are any further apart need real factoring. */
  private static final int FERMAT_ROUNDS = 100;

  private static final List<BigInteger> SMALL_PRIMES = primesBelow(1000);
  private static final BigInteger SMALL_PRODUCT =
      SMALL_PRIMES.stream().reduce(BigInteger.ONE, BigInteger::multiply);

  /** The odd primes up to 167: those that tell keys of CVE-2017-15361 (ROCA) from all others. */
  private static final List<Residues> ROCA =
      primesBelow(168).stream().skip(1).map(Residues::generatedBy65537).toList();

  private RsaKeyPolicy() {}

  /** The powers of 65537 modulo a prime. */
  private record Residues(int prime, BitSet powers) {
    static Residues generatedBy65537(BigInteger prime) {
      int p = prime.intValueExact();
      BitSet powers = new BitSet(p);
      for (int power = 1; !powers.get(power); power = (int) (power * 65537L % p)) {
        powers.set(power);
      }
      return new Residues(p, powers);
    }

    boolean contains(BigInteger n) {
      return powers.get(n.mod(BigInteger.valueOf(prime)).intValueExact());
    }
  }

  static void check(BigInteger modulus, BigInteger exponent) throws RefusedException {
    if (modulus.signum() <= 0 || !SIZES.contains(modulus.bitLength())) {
      throw RequestedKey.notAllowed("it is RSA with " + modulus.bitLength() + " bits");
    }
    if (!exponent.equals(EXPONENT)) {
      throw RequestedKey.notAllowed("its RSA exponent is not 65537");
    }
    if (!modulus.gcd(SMALL_PRODUCT).equals(BigInteger.ONE)) {
      throw RequestedKey.notAllowed("its RSA modulus has a small factor");
    }
    if (ROCA.stream().allMatch(residues -> residues.contains(modulus))) {
      throw RequestedKey.notAllowed("its RSA modulus has the fingerprint of ROCA (CVE-2017-15361)");
    }
    if (hasClosePrimes(modulus)) {
      throw RequestedKey.notAllowed("its RSA primes are close to each other");
    }
  }

  /** Fermat's method: n = a^2 - b^2 for an a close to the square root, if the primes are close. */
  private static boolean hasClosePrimes(BigInteger n) {
    BigInteger[] root = n.sqrtAndRemainder();
    if (root[1].signum() == 0) {
      return true;
    }
    BigInteger a = root[0].add(BigInteger.ONE);
    BigInteger b2 = a.multiply(a).subtract(n);
    for (int i = 0; i < FERMAT_ROUNDS; i++) {
      if (isSquare(b2)) {
        return true;
      }
      b2 = b2.add(a.shiftLeft(1)).add(BigInteger.ONE);
      a = a.add(BigInteger.ONE);
    }
    return false;
  }

  private static boolean isSquare(BigInteger value) {
    // A square ends in 0, 1, 4 or 9 modulo 16: three of four roots need not be taken.
    int low = value.intValue() & 0xf;
    if (low != 0 && low != 1 && low != 4 && low != 9) {
      return false;
    }
    return value.sqrtAndRemainder()[1].signum() == 0;
  }

  private static List<BigInteger> primesBelow(int limit) {
    return IntStream.range(2, limit)
        .mapToObj(BigInteger::valueOf)
        .filter(n -> n.isProbablePrime(30))
        .toList();
  }
}
