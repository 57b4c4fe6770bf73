package dev.signet.process.message;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrintableTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "plain,'plain'",
        "\"\",''",
        "it's,'it\\'s'",
        "a\\b,'a\\\\b'",
        "Grüße,'Grüße'",
      })
  void quoted_isReadable(String value, String expected) {
    assertThat(Printable.quoted(value)).isEqualTo(expected);
  }

  @Test
  void terminalSequence_isEscaped() {
    assertThat(Printable.quoted("\u001b[31mred")).isEqualTo("'\\u{1b}[31mred'");
    assertThat(Printable.line("a\nb\r\tc")).isEqualTo("a\\nb\\r\\tc");
  }

  @Test
  void bidirectionalOverride_isEscaped() {
    assertThat(Printable.line("user\u202enimda")).isEqualTo("user\\u{202e}nimda");
  }

  @Test
  void longText_isCut() {
    assertThat(Printable.quoted("x".repeat(101))).isEqualTo("'" + "x".repeat(100) + "...'");
    assertThat(Printable.line("x".repeat(2000))).hasSize(1003).endsWith("...");
  }

  @Property
  void anything_becomesOneHarmlessLine(@ForAll String value) {
    assertThat(
            Printable.line(value).codePoints().allMatch(c -> c >= 0x20 && c != 0x7f && c != 0x2028))
        .isTrue();
    assertThat(Printable.quoted(value)).startsWith("'").endsWith("'").doesNotContain("\n");
  }
}
