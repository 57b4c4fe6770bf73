package dev.signet.ca.adapter.x509;

import dev.signet.ca.issuance.RefusalReason;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** I4: requests that ask for more than a certificate. R1: SPIRE took the ID from the request. */
class CsrContentTest extends CsrSamples {
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
}
