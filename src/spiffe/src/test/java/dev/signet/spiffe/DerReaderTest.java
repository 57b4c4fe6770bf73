package dev.signet.spiffe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DerReaderTest {

  @Test
  void elements_areReadInOrder() throws BrokenRuleException {
    DerReader reader = DerReader.of(hex("0401aa 8602 6162"));

    assertThat(reader.next(DerReader.OCTET_STRING).contentBytes()).isEqualTo(hex("aa"));
    DerReader.Element text = reader.next();
    assertThat(text.tag()).isEqualTo(0x86);
    assertThat(text.ascii()).isEqualTo("ab");
    assertThat(text.encoded()).isEqualTo(hex("86026162"));
    assertThat(reader.hasNext()).isFalse();
  }

  @Test
  void longLengths_areReadInTheirShortestForm() throws BrokenRuleException {
    byte[] long1 = hex("048180" + "00".repeat(0x80));
    byte[] long2 = hex("04820100" + "00".repeat(0x100));

    assertThat(DerReader.single(long1, DerReader.OCTET_STRING).contentBytes()).hasSize(0x80);
    assertThat(DerReader.single(long2, DerReader.OCTET_STRING).contentBytes()).hasSize(0x100);
  }

  @ParameterizedTest
  @CsvSource({
    "'', a cut element",
    "30, a cut element",
    "3001, beyond its surroundings",
    "3080 0000, indefinite",
    "308101 00, shortest form",
    "30820001 00, shortest form",
    "3084 00000001 00, indefinite or huge",
    "30847fffffff, indefinite or huge",
    "3083ffffff, beyond its surroundings",
    "1f8101 00, more than one byte",
    "0400, tag 04 in place of 30",
    "3000 00, bytes after the end",
  })
  void bytesThatAreNotDer_areRefused(String bytes, String problem) {
    assertThatThrownBy(() -> DerReader.single(hex(bytes), DerReader.SEQUENCE))
        .isInstanceOf(BrokenRuleException.class)
        .hasMessageContaining(problem);
  }

  @ParameterizedTest
  @CsvSource({"860100", "8601ff", "8603610062"})
  void nulAndOtherBytesThatAreNotAscii_areRefused(String bytes) {
    assertThatThrownBy(() -> DerReader.of(hex(bytes)).next().ascii())
        .isInstanceOf(BrokenRuleException.class)
        .hasMessageContaining("NUL or non-ASCII");
  }

  @Property
  void anyBytes_areReadWithinTheirBoundsOrRefused(@ForAll byte[] bytes) {
    DerReader reader = DerReader.of(bytes);
    int read = 0;
    try {
      while (reader.hasNext()) {
        read += reader.next().encoded().length;
      }
      assertThat(read).isEqualTo(bytes.length);
    } catch (BrokenRuleException e) {
      assertThat(e.problem()).startsWith("not DER: ");
    }
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }
}
