package dev.signet.ca.adapter.x509;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.signet.ca.adapter.crypto.CryptoProvider;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the sample tests of {@link Pkcs10CsrVerifier} share. Each runs on both providers; the
 * samples are rows I1 to I4 of the threat model.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("providers")
abstract class CsrSamples {
  static final KeyPair RSA_2048 = Csr.rsa(2048);
  static final BigInteger P =
      new BigInteger("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", 16);
  static final BigInteger N =
      new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);

  @Parameter private Provider provider = Provider.JDK;

  /** The two whose answers must be the same. */
  enum Provider {
    JDK,
    ACCP;

    CryptoProvider crypto() {
      try {
        return this == JDK ? CryptoProvider.jdk() : CryptoProvider.accp();
      } catch (GeneralSecurityException e) {
        throw new AssertionError("the build runs on linux-x86_64, where ACCP loads", e);
      }
    }
  }

  static Provider[] providers() {
    return Provider.values();
  }

  final Pkcs10CsrVerifier verifier() {
    return new Pkcs10CsrVerifier(provider.crypto());
  }

  final void refused(byte[] csr, RefusalReason reason) {
    RefusedException refused =
        catchThrowableOfType(RefusedException.class, () -> verifier().verify(csr));

    assertThat(refused).as("was accepted").isNotNull();
    assertThat(refused.refusal().reason()).as(refused.getMessage()).isEqualTo(reason);
  }

  final boolean proves(byte[] csr) {
    try {
      return verifier().verify(csr).publicKey() != null;
    } catch (RefusedException e) {
      throw new AssertionError(e);
    }
  }

  final void refusedPoint(byte[] point) {
    refused(withPoint(point), RefusalReason.CSR_KEY_NOT_ALLOWED);
  }

  static byte[] withPoint(byte[] point) {
    Csr csr = Csr.p256();
    csr.key = Csr.p256Key(point);
    return csr.encoded();
  }

  final void refusedNumbers(BigInteger r, BigInteger s) {
    Csr csr = Csr.p256();
    csr.signature = _ -> Der.sequence(Der.integer(r), Der.integer(s));
    refused(csr.encoded(), RefusalReason.CSR_SIGNATURE_INVALID);
  }

  static byte[] rsa(BigInteger modulus, long exponent) {
    Csr csr = Csr.of(RSA_2048);
    csr.key = Csr.rsaKey(modulus, BigInteger.valueOf(exponent));
    return csr.encoded();
  }

  static Csr signedWith(Csr csr, String nameAndOid, boolean withNull) {
    String[] parts = nameAndOid.split(" ", -1);
    csr.jcaAlgorithm = parts[0];
    csr.algorithm =
        withNull ? Der.sequence(Der.oid(parts[1]), Der.nul()) : Der.sequence(Der.oid(parts[1]));
    return csr;
  }

  static byte[] extension(String oid, byte[] value) {
    return Der.sequence(Der.oid(oid), Der.tagged(0x04, value));
  }

  static byte[] extensionRequest(byte[] extensions) {
    return Der.sequence(
        Der.oid("1.2.840.113549.1.9.14"), Der.tagged(0x31, Der.sequence(extensions)));
  }

  static BigInteger modulus(KeyPair pair) {
    return ((RSAPublicKey) pair.getPublic()).getModulus();
  }

  static byte[] point(KeyPair pair) {
    byte[] encoded = pair.getPublic().getEncoded();
    return Arrays.copyOfRange(encoded, encoded.length - 65, encoded.length);
  }

  static byte[] fixed(BigInteger value) {
    byte[] bytes = value.toByteArray();
    byte[] fixed = new byte[32];
    int length = Math.min(32, bytes.length);
    System.arraycopy(bytes, bytes.length - length, fixed, 32 - length, length);
    return fixed;
  }

  /** The length of algorithm and signature at the end of a request. */
  static int tail(byte[] csr) {
    int header = csr[1] == (byte) 0x81 ? 3 : 4;
    int info =
        header
            + ((csr[header + 1] & 0xff) < 0x80
                ? 2 + csr[header + 1]
                : 3 + (csr[header + 2] & 0xff));
    return csr.length - info;
  }
}
