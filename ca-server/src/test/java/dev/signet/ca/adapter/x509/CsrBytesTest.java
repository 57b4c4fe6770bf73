package dev.signet.ca.adapter.x509;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.issuance.ProvenKey;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What passes, and I1: bytes that are no request. */
class CsrBytesTest extends CsrSamples {
  @ParameterizedTest
  @ValueSource(strings = {"secp256r1", "secp384r1"})
  void ecRequest_isProven(String curve) throws RefusedException {
    KeyPair pair = Csr.ec(curve);
    ProvenKey proven = verifier().verify(Csr.of(pair).encoded());

    assertThat(proven.publicKey().getEncoded()).isEqualTo(pair.getPublic().getEncoded());
    assertThat(proven.spkiSha256()).matches("[0-9a-f]{64}");
  }

  @ParameterizedTest
  @ValueSource(ints = {2048, 3072, 4096})
  void rsaRequest_isProven(int bits) throws RefusedException {
    KeyPair pair = Csr.rsa(bits);

    assertThat(verifier().verify(Csr.of(pair).encoded()).publicKey().getEncoded())
        .isEqualTo(pair.getPublic().getEncoded());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"SHA384withECDSA 1.2.840.10045.4.3.3", "SHA512withECDSA 1.2.840.10045.4.3.4"})
  void strongerHash_isProven(String algorithm) throws RefusedException {
    Csr csr = signedWith(Csr.p256(), algorithm, false);

    assertThat(verifier().verify(csr.encoded())).isNotNull();
  }

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
}
