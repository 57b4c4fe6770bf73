package dev.signet.ca.adapter.x509;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.signet.ca.adapter.crypto.CryptoProvider;
import dev.signet.ca.issuance.ProvenKey;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** I1 to I4 of the threat model, sample by sample, on a given provider. */
abstract class CsrVerifierContract {
  private static final KeyPair RSA_2048 = Csr.rsa(2048);
  private static final BigInteger P =
      new BigInteger("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", 16);
  private static final BigInteger N =
      new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);

  private final Pkcs10CsrVerifier verifier = new Pkcs10CsrVerifier(provider());

  abstract CryptoProvider provider();

  // What passes.

  @ParameterizedTest
  @ValueSource(strings = {"secp256r1", "secp384r1"})
  void ecRequest_isProven(String curve) throws RefusedException {
    KeyPair pair = Csr.ec(curve);
    ProvenKey proven = verifier.verify(Csr.of(pair).encoded());

    assertThat(proven.publicKey().getEncoded()).isEqualTo(pair.getPublic().getEncoded());
    assertThat(proven.spkiSha256()).matches("[0-9a-f]{64}");
  }

  @ParameterizedTest
  @ValueSource(ints = {2048, 3072, 4096})
  void rsaRequest_isProven(int bits) throws RefusedException {
    KeyPair pair = Csr.rsa(bits);

    assertThat(verifier.verify(Csr.of(pair).encoded()).publicKey().getEncoded())
        .isEqualTo(pair.getPublic().getEncoded());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"SHA384withECDSA 1.2.840.10045.4.3.3", "SHA512withECDSA 1.2.840.10045.4.3.4"})
  void strongerHash_isProven(String algorithm) throws RefusedException {
    Csr csr = signedWith(Csr.p256(), algorithm, false);

    assertThat(verifier.verify(csr.encoded())).isNotNull();
  }

  // I1: bytes.

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 16 * 1024, 16 * 1024 + 1, 1 << 20})
  void zeroBytes_areMalformed(int length) {
    refused(new byte[length], RefusalReason.CSR_MALFORMED);
  }

  @Test
  void longerThanTheLimit_isMalformedWhateverItHolds() {
    Csr csr = Csr.p256();
    csr.attributes = Der.tagged(0xa0, new byte[16 * 1024]);

    refused(csr.encoded(), RefusalReason.CSR_MALFORMED);
  }

  @Test
  void trailingByte_isMalformed() {
    refused(Der.concat(Csr.p256().encoded(), new byte[1]), RefusalReason.CSR_MALFORMED);
  }

  @Test
  void trailingByteInsideTheInfo_isMalformed() {
    Csr csr = Csr.p256();
    csr.attributes = Der.concat(Der.tagged(0xa0), Der.nul());

    refused(csr.encoded(), RefusalReason.CSR_MALFORMED);
  }

  @Test
  void truncated_isMalformedAtEveryLength() {
    byte[] csr = Csr.p256().encoded();
    for (int length = 0; length < csr.length; length++) {
      refused(Arrays.copyOf(csr, length), RefusalReason.CSR_MALFORMED);
    }
  }

  @Test
  void indefiniteLength_isMalformed() {
    Csr csr = Csr.p256();
    byte[] content = Der.concat(csr.info(), csr.algorithm, Der.bits(new byte[70]));

    refused(
        Der.concat(new byte[] {0x30, (byte) 0x80}, content, new byte[2]),
        RefusalReason.CSR_MALFORMED);
  }

  @Test
  void lengthThatIsNotTheShortest_isMalformed() {
    Csr csr = Csr.p256();
    csr.version = new byte[] {0x02, (byte) 0x81, 0x01, 0x00};

    refused(csr.encoded(), RefusalReason.CSR_MALFORMED);
  }

  @Test
  void lengthOfFourBytes_isMalformed() {
    refused(new byte[] {0x30, (byte) 0x84, 0x7f, -1, -1, -1, 0x00}, RefusalReason.CSR_MALFORMED);
  }

  @Test
  void highTagNumber_isMalformed() {
    Csr csr = Csr.p256();
    csr.attributes = new byte[] {(byte) 0xbf, 0x20, 0x00};

    refused(csr.encoded(), RefusalReason.CSR_MALFORMED);
  }

  @Test
  void nestedTenThousandDeep_isMalformed() {
    byte[] bomb = new byte[16 * 1024];
    int depth = 10_000;
    // A run of 0x30 0x80 is the cheapest nesting that BER has; definite lengths are tried below.
    for (int i = 0; i + 1 < bomb.length && i < 2 * depth; i += 2) {
      bomb[i] = 0x30;
      bomb[i + 1] = (byte) 0x80;
    }

    refused(bomb, RefusalReason.CSR_MALFORMED);
  }

  @Test
  void nestedDeepInDefiniteLengths_isMalformed() {
    byte[] bomb = Der.sequence();
    while (bomb.length < 16_000) {
      bomb = Der.sequence(bomb);
    }

    refused(bomb, RefusalReason.CSR_MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void pem_isMalformed(int blocks) {
    String pem =
        "-----BEGIN CERTIFICATE REQUEST-----\n"
            + Base64.getMimeEncoder().encodeToString(Csr.p256().encoded())
            + "\n-----END CERTIFICATE REQUEST-----\n";

    refused(pem.repeat(blocks).getBytes(StandardCharsets.US_ASCII), RefusalReason.CSR_MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 1, 2, 3, Long.MAX_VALUE})
  void otherVersion_isMalformed(long version) {
    Csr csr = Csr.p256();
    csr.version = Der.integer(version);

    refused(csr.encoded(), RefusalReason.CSR_MALFORMED);
  }

  @Test
  void paddedVersion_isMalformed() {
    Csr csr = Csr.p256();
    csr.version = new byte[] {0x02, 0x02, 0x00, 0x00};

    refused(csr.encoded(), RefusalReason.CSR_MALFORMED);
  }

  @Test
  void missingAttributes_areMalformed() {
    Csr csr = Csr.p256();
    csr.attributes = new byte[0];

    refused(csr.encoded(), RefusalReason.CSR_MALFORMED);
  }

  @Test
  void certificateInPlaceOfARequest_isMalformed() {
    refused(
        Der.sequence(Der.sequence(), Der.sequence(), Der.bits(new byte[8])),
        RefusalReason.CSR_MALFORMED);
  }

  // I2: key.

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

  // I3: signature.

  @Test
  void signatureOfAnotherKey_isInvalid() {
    Csr csr = Csr.p256();
    csr.key = Csr.ec("secp256r1").getPublic().getEncoded();

    refused(csr.encoded(), RefusalReason.CSR_SIGNATURE_INVALID);
  }

  @Test
  void signatureOfAnotherInfo_isInvalid() {
    Csr csr = Csr.p256();
    byte[] other = csr.encoded(Der.sequence(csr.info()));
    byte[] spliced =
        Der.sequence(
            csr.info(), Arrays.copyOfRange(other, other.length - tail(other), other.length));

    refused(spliced, RefusalReason.CSR_SIGNATURE_INVALID);
  }

  /** R13: Linkerd did not look at the signature. */
  @Test
  void emptySignature_isInvalid() {
    Csr csr = Csr.p256();
    csr.signature = _ -> new byte[0];

    refused(csr.encoded(), RefusalReason.CSR_SIGNATURE_INVALID);
  }

  @ParameterizedTest
  @ValueSource(strings = {"SHA1withECDSA 1.2.840.10045.4.1", "SHA224withECDSA 1.2.840.10045.4.3.1"})
  void weakHashOfEcdsa_isInvalid(String algorithm) {
    refused(
        signedWith(Csr.p256(), algorithm, false).encoded(), RefusalReason.CSR_SIGNATURE_INVALID);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SHA1withRSA 1.2.840.113549.1.1.5",
        "MD5withRSA 1.2.840.113549.1.1.4",
        "MD2withRSA 1.2.840.113549.1.1.2"
      })
  void weakHashOfRsa_isInvalid(String algorithm) {
    refused(
        signedWith(Csr.of(RSA_2048), algorithm, true).encoded(),
        RefusalReason.CSR_SIGNATURE_INVALID);
  }

  @Test
  void hashOtherThanNamed_isInvalid() {
    Csr csr = Csr.p256();
    csr.jcaAlgorithm = "SHA384withECDSA";

    refused(csr.encoded(), RefusalReason.CSR_SIGNATURE_INVALID);
  }

  @Test
  void algorithmOfAnotherKeyType_isInvalid() {
    Csr csr = Csr.p256();
    csr.algorithm = Der.sequence(Der.oid(Csr.RSA_SHA256), Der.nul());

    refused(csr.encoded(), RefusalReason.CSR_SIGNATURE_INVALID);
  }

  @Test
  void ecdsaWithParameters_isInvalid() {
    Csr csr = Csr.p256();
    csr.algorithm = Der.sequence(Der.oid(Csr.ECDSA_SHA256), Der.nul());

    refused(csr.encoded(), RefusalReason.CSR_SIGNATURE_INVALID);
  }

  @Test
  void rsaSignatureWithoutParameters_isInvalid() {
    Csr csr = Csr.of(RSA_2048);
    csr.algorithm = Der.sequence(Der.oid(Csr.RSA_SHA256));

    refused(csr.encoded(), RefusalReason.CSR_SIGNATURE_INVALID);
  }

  /** R19, CVE-2022-21449. */
  @Test
  void zeroRAndS_areInvalid() {
    refusedNumbers(BigInteger.ZERO, BigInteger.ZERO);
    refusedNumbers(BigInteger.ZERO, BigInteger.ONE);
    refusedNumbers(BigInteger.ONE, BigInteger.ZERO);
  }

  @Test
  void numbersOutOfRange_areInvalid() {
    refusedNumbers(BigInteger.ONE.negate(), BigInteger.ONE);
    refusedNumbers(BigInteger.ONE, BigInteger.ONE.negate());
    refusedNumbers(N, BigInteger.ONE);
    refusedNumbers(BigInteger.ONE, N);
    refusedNumbers(BigInteger.ONE.shiftLeft(2048), BigInteger.ONE);
  }

  @Test
  void numbersNotInShortestForm_areInvalid() {
    Csr csr = Csr.p256();
    csr.signature = Signatures::padded;

    refused(csr.encoded(), RefusalReason.CSR_SIGNATURE_INVALID);
  }

  @Test
  void bytesBehindTheNumbers_areInvalid() {
    Csr csr = Csr.p256();
    csr.signature = signature -> Der.concat(signature, new byte[1]);
    refused(csr.encoded(), RefusalReason.CSR_SIGNATURE_INVALID);

    csr.signature = signature -> Der.sequence(Signatures.content(signature), Der.integer(1));
    refused(csr.encoded(), RefusalReason.CSR_SIGNATURE_INVALID);
  }

  @Test
  void unusedBitsInTheSignature_areMalformed() {
    Csr csr = Csr.p256();
    csr.signature = signature -> Der.concat(signature, new byte[1]);
    csr.unusedBits = 1;

    refused(csr.encoded(), RefusalReason.CSR_MALFORMED);
  }

  @Test
  void setUnusedBits_areMalformed() {
    Csr csr = Csr.p256();
    csr.signature = signature -> Der.concat(signature, new byte[] {(byte) 0xff});
    csr.unusedBits = 3;

    refused(csr.encoded(), RefusalReason.CSR_MALFORMED);
  }

  @Test
  void forgedPadding_isInvalid() {
    Csr csr = Csr.of(RSA_2048);
    byte[] honest = Signatures.rsa(RSA_2048, Signatures.padding(csr.info(), 256, 0));
    byte[] garbageBehind = Signatures.rsa(RSA_2048, Signatures.padding(csr.info(), 256, 100));

    csr.signature = _ -> honest;
    assertThat(proves(csr.encoded())).isTrue();
    csr.signature = _ -> garbageBehind;
    refused(csr.encoded(), RefusalReason.CSR_SIGNATURE_INVALID);
  }

  @Test
  void rsaSignatureOfAnotherLength_isInvalid() {
    Csr csr = Csr.of(RSA_2048);
    csr.signature = signature -> Der.concat(new byte[1], signature);
    refused(csr.encoded(), RefusalReason.CSR_SIGNATURE_INVALID);

    csr.signature = signature -> Arrays.copyOf(signature, 255);
    refused(csr.encoded(), RefusalReason.CSR_SIGNATURE_INVALID);
  }

  @Test
  void rsaSignatureNotBelowTheModulus_isInvalid() {
    Csr csr = Csr.of(RSA_2048);
    csr.signature = _ -> Signatures.allOnes(256);

    refused(csr.encoded(), RefusalReason.CSR_SIGNATURE_INVALID);
  }

  // I4: content. R1: SPIRE took the ID from the request.

  @ParameterizedTest
  @ValueSource(strings = {"payments", "", "spiffe://shop.example/signet/ca"})
  void anySubject_asksForMore(String name) {
    Csr csr = Csr.p256();
    csr.subject =
        Der.sequence(
            Der.tagged(
                0x31,
                Der.sequence(
                    Der.oid("2.5.4.3"), Der.tagged(0x0c, name.getBytes(StandardCharsets.UTF_8)))));

    refused(csr.encoded(), RefusalReason.CSR_ASKS_FOR_MORE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2.5.29.17 3006860474657374", // subjectAltName
        "2.5.29.19 30030101ff", // CA:TRUE
        "2.5.29.15 03020106", // key usage
        "2.5.29.30 3000", // name constraints
        "2.5.29.37 300a06082b06010505070301", // extended key usage
        "1.2.3.4 0500" // unknown
      })
  void anyExtension_asksForMore(String oidAndValue) {
    String[] parts = oidAndValue.split(" ", -1);
    Csr csr = Csr.p256();
    csr.attributes =
        Der.tagged(0xa0, extensionRequest(extension(parts[0], HexFormat.of().parseHex(parts[1]))));

    refused(csr.encoded(), RefusalReason.CSR_ASKS_FOR_MORE);
  }

  @Test
  void duplicateExtension_asksForMore() {
    byte[] one = extension("2.5.29.19", new byte[] {0x30, 0x00});
    Csr csr = Csr.p256();
    csr.attributes = Der.tagged(0xa0, extensionRequest(Der.concat(one, one)));

    refused(csr.encoded(), RefusalReason.CSR_ASKS_FOR_MORE);
  }

  @Test
  void twoExtensionAttributes_askForMore() {
    byte[] one = extensionRequest(extension("2.5.29.19", new byte[] {0x30, 0x00}));
    Csr csr = Csr.p256();
    csr.attributes = Der.tagged(0xa0, one, one);

    refused(csr.encoded(), RefusalReason.CSR_ASKS_FOR_MORE);
  }

  @Test
  void emptyExtensionRequest_asksForMore() {
    Csr csr = Csr.p256();
    csr.attributes = Der.tagged(0xa0, extensionRequest(new byte[0]));

    refused(csr.encoded(), RefusalReason.CSR_ASKS_FOR_MORE);
  }

  @Test
  void challengePassword_asksForMore() {
    Csr csr = Csr.p256();
    csr.attributes =
        Der.tagged(
            0xa0,
            Der.sequence(
                Der.oid("1.2.840.113549.1.9.7"),
                Der.tagged(0x31, Der.tagged(0x0c, "pass".getBytes(StandardCharsets.UTF_8)))));

    refused(csr.encoded(), RefusalReason.CSR_ASKS_FOR_MORE);
  }

  // Help.

  private void refused(byte[] csr, RefusalReason reason) {
    RefusedException refused =
        catchThrowableOfType(RefusedException.class, () -> verifier.verify(csr));

    assertThat(refused).as("was accepted").isNotNull();
    assertThat(refused.refusal().reason()).as(refused.getMessage()).isEqualTo(reason);
  }

  private boolean proves(byte[] csr) {
    try {
      return verifier.verify(csr).publicKey() != null;
    } catch (RefusedException e) {
      throw new AssertionError(e);
    }
  }

  private void refusedPoint(byte[] point) {
    refused(withPoint(point), RefusalReason.CSR_KEY_NOT_ALLOWED);
  }

  private static byte[] withPoint(byte[] point) {
    Csr csr = Csr.p256();
    csr.key = Csr.p256Key(point);
    return csr.encoded();
  }

  private void refusedNumbers(BigInteger r, BigInteger s) {
    Csr csr = Csr.p256();
    csr.signature = _ -> Der.sequence(Der.integer(r), Der.integer(s));
    refused(csr.encoded(), RefusalReason.CSR_SIGNATURE_INVALID);
  }

  private static byte[] rsa(BigInteger modulus, long exponent) {
    Csr csr = Csr.of(RSA_2048);
    csr.key = Csr.rsaKey(modulus, BigInteger.valueOf(exponent));
    return csr.encoded();
  }

  private static Csr signedWith(Csr csr, String nameAndOid, boolean withNull) {
    String[] parts = nameAndOid.split(" ", -1);
    csr.jcaAlgorithm = parts[0];
    csr.algorithm =
        withNull ? Der.sequence(Der.oid(parts[1]), Der.nul()) : Der.sequence(Der.oid(parts[1]));
    return csr;
  }

  private static byte[] extension(String oid, byte[] value) {
    return Der.sequence(Der.oid(oid), Der.tagged(0x04, value));
  }

  private static byte[] extensionRequest(byte[] extensions) {
    return Der.sequence(
        Der.oid("1.2.840.113549.1.9.14"), Der.tagged(0x31, Der.sequence(extensions)));
  }

  private static BigInteger modulus(KeyPair pair) {
    return ((RSAPublicKey) pair.getPublic()).getModulus();
  }

  private static byte[] point(KeyPair pair) {
    byte[] encoded = pair.getPublic().getEncoded();
    return Arrays.copyOfRange(encoded, encoded.length - 65, encoded.length);
  }

  private static byte[] fixed(BigInteger value) {
    byte[] bytes = value.toByteArray();
    byte[] fixed = new byte[32];
    int length = Math.min(32, bytes.length);
    System.arraycopy(bytes, bytes.length - length, fixed, 32 - length, length);
    return fixed;
  }

  /** The length of algorithm and signature at the end of a request. */
  private static int tail(byte[] csr) {
    int header = csr[1] == (byte) 0x81 ? 3 : 4;
    int info =
        header
            + ((csr[header + 1] & 0xff) < 0x80
                ? 2 + csr[header + 1]
                : 3 + (csr[header + 2] & 0xff));
    return csr.length - info;
  }
}
