package dev.signet.ca.adapter.x509;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.issuance.RefusalReason;
import java.math.BigInteger;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** I3: signatures that prove nothing. */
class CsrSignatureTest extends CsrSamples {
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
}
