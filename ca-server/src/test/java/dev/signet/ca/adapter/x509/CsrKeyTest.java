package dev.signet.ca.adapter.x509;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.issuance.RefusalReason;
import java.math.BigInteger;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** I2: keys that are not on the allow-list, or weak. */
class CsrKeyTest extends CsrSamples {
  @ParameterizedTest
  @ValueSource(ints = {1024, 2047, 2049, 8192, 16384})
  void rsaOfAnotherSize_isNotAllowed(int bits) {
    BigInteger modulus = BigInteger.ONE.shiftLeft(bits - 1).add(BigInteger.ONE);

    refused(rsa(modulus, 65537), RefusalReason.CSR_KEY_NOT_ALLOWED);
  }

  @ParameterizedTest
  @ValueSource(longs = {-65537, 0, 1, 2, 3, 17, 65536, 65539, 0x100010001L})
  void rsaExponentOtherThanF4_isNotAllowed(long exponent) {
    refused(rsa(modulus(RSA_2048), exponent), RefusalReason.CSR_KEY_NOT_ALLOWED);
  }

  @Test
  void evenModulus_isNotAllowed() {
    refused(rsa(BigInteger.ONE.shiftLeft(2047), 65537), RefusalReason.CSR_KEY_NOT_ALLOWED);
  }

  @Test
  void negativeModulus_isNotAllowed() {
    refused(rsa(modulus(RSA_2048).negate(), 65537), RefusalReason.CSR_KEY_NOT_ALLOWED);
  }

  @Test
  void modulusWithASmallFactor_isNotAllowed() {
    BigInteger factor = BigInteger.valueOf(997);
    BigInteger large = BigInteger.ONE.shiftLeft(2047).add(BigInteger.ONE.shiftLeft(2000));
    BigInteger modulus = large.divide(factor).setBit(0).multiply(factor);

    assertThat(modulus.bitLength()).isEqualTo(2048);
    refused(rsa(modulus, 65537), RefusalReason.CSR_KEY_NOT_ALLOWED);
  }

  @Test
  void squareModulus_isNotAllowed() {
    BigInteger p = WeakRsa.prime(1024);

    refused(rsa(p.multiply(p), 65537), RefusalReason.CSR_KEY_NOT_ALLOWED);
  }

  @Test
  void closePrimes_areNotAllowed() {
    BigInteger p = WeakRsa.prime(1024);
    BigInteger q = p.add(BigInteger.TEN).nextProbablePrime();

    refused(rsa(p.multiply(q), 65537), RefusalReason.CSR_KEY_NOT_ALLOWED);
  }

  /** CVE-2017-15361. */
  @Test
  void rocaKey_isNotAllowed() {
    refused(rsa(WeakRsa.rocaModulus(2048), 65537), RefusalReason.CSR_KEY_NOT_ALLOWED);
  }

  @Test
  void rsaWithoutParameters_isNotAllowed() {
    Csr csr = Csr.of(RSA_2048);
    csr.key =
        Der.sequence(
            Der.sequence(Der.oid(Csr.RSA)),
            Der.bits(Der.sequence(Der.integer(modulus(RSA_2048)), Der.integer(65537))));

    refused(csr.encoded(), RefusalReason.CSR_KEY_NOT_ALLOWED);
  }

  @Test
  void rsaKeyWithAThirdNumber_isNotAllowed() {
    Csr csr = Csr.of(RSA_2048);
    csr.key =
        Der.sequence(
            Der.sequence(Der.oid(Csr.RSA), Der.nul()),
            Der.bits(
                Der.sequence(Der.integer(modulus(RSA_2048)), Der.integer(65537), Der.integer(1))));

    refused(csr.encoded(), RefusalReason.CSR_KEY_NOT_ALLOWED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.3.132.0.33 57", // P-224
        "1.3.132.0.10 65", // secp256k1
        "1.3.132.0.35 133", // P-521
        "1.3.36.3.3.2.8.1.1.7 65", // brainpoolP256r1
        "1.2.840.10045.3.1.1 49" // P-192
      })
  void otherCurve_isNotAllowed(String curveAndSize) {
    String[] parts = curveAndSize.split(" ", -1);
    byte[] point = new byte[Integer.parseInt(parts[1])];
    point[0] = 4;
    Csr csr = Csr.p256();
    csr.key = Der.sequence(Der.sequence(Der.oid(Csr.EC), Der.oid(parts[0])), Der.bits(point));

    refused(csr.encoded(), RefusalReason.CSR_KEY_NOT_ALLOWED);
  }

  @Test
  void explicitParameters_areNotAllowed() {
    Csr csr = Csr.p256();
    byte[] field = Der.sequence(Der.oid("1.2.840.10045.1.1"), Der.integer(P));
    byte[] parameters =
        Der.sequence(
            Der.integer(1),
            field,
            Der.sequence(Der.tagged(0x04, new byte[32]), Der.tagged(0x04, new byte[32])),
            Der.tagged(0x04, new byte[65]),
            Der.integer(N));
    csr.key = Der.sequence(Der.sequence(Der.oid(Csr.EC), parameters), Der.bits(new byte[65]));

    refused(csr.encoded(), RefusalReason.CSR_KEY_NOT_ALLOWED);
  }

  @Test
  void inheritedParameters_areNotAllowed() {
    Csr csr = Csr.p256();
    csr.key = Der.sequence(Der.sequence(Der.oid(Csr.EC), Der.nul()), Der.bits(new byte[65]));

    refused(csr.encoded(), RefusalReason.CSR_KEY_NOT_ALLOWED);
  }

  @Test
  void pointAtInfinity_isNotAllowed() {
    refusedPoint(new byte[1]);
    refusedPoint(new byte[65]);
  }

  @Test
  void pointOffTheCurve_isNotAllowed() {
    byte[] point = point(Csr.ec("secp256r1"));
    point[64] ^= 1;

    refusedPoint(point);
  }

  @Test
  void coordinateNotBelowThePrime_isNotAllowed() {
    // (0, sqrt(b)) is on P-256, and so is its other spelling (p, sqrt(b)).
    BigInteger b =
        new BigInteger("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b", 16);
    BigInteger y = b.modPow(P.add(BigInteger.ONE).shiftRight(2), P);
    byte[] honest = Der.concat(new byte[] {4}, new byte[32], fixed(y));

    assertThat(y.multiply(y).mod(P)).isEqualTo(b);
    refusedPoint(Der.concat(new byte[] {4}, fixed(P), fixed(y)));
    refused(withPoint(honest), RefusalReason.CSR_SIGNATURE_INVALID);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void compressedPoint_isNotAllowed(int form) {
    byte[] point = Arrays.copyOf(point(Csr.ec("secp256r1")), 33);
    point[0] = (byte) form;

    refusedPoint(point);
  }

  @ParameterizedTest
  @ValueSource(ints = {6, 7})
  void hybridPoint_isNotAllowed(int form) {
    byte[] point = point(Csr.ec("secp256r1"));
    point[0] = (byte) form;

    refusedPoint(point);
  }

  @Test
  void pointOfAnotherCurve_isNotAllowed() {
    refusedPoint(Arrays.copyOf(point(Csr.ec("secp256r1")), 97));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.3.101.112",
        "1.3.101.110",
        "1.3.101.113",
        "1.2.840.10040.4.1",
        "1.2.840.113549.1.1.10"
      })
  void otherKeyType_isNotAllowed(String oid) {
    Csr csr = Csr.p256();
    csr.key = Der.sequence(Der.sequence(Der.oid(oid)), Der.bits(new byte[32]));

    refused(csr.encoded(), RefusalReason.CSR_KEY_NOT_ALLOWED);
  }
}
