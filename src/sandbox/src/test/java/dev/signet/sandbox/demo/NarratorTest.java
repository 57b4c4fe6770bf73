package dev.signet.sandbox.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class NarratorTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Narrator narrator =
      new Narrator(new PrintStream(bytes, true, StandardCharsets.UTF_8));

  @Test
  void cells_areAligned() {
    narrator.row(List.of(8, 5), "pod", "node", "identity");
    narrator.row(List.of(8, 5), "payments", "n-1", "spiffe://x");

    assertThat(lines())
        .containsExactly("   pod       node   identity", "   payments  n-1    spiffe://x");
  }

  @Test
  void longLastCell_goesOnInItsColumn() {
    narrator.row(List.of(8), "refused", "word ".repeat(30).strip());

    assertThat(lines())
        .hasSize(2)
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    assertThat(lines().get(1)).startsWith(" ".repeat(13) + "word");
  }

  @Test
  void cellTooWide_pushesTheOthers_andNothingIsCut() {
    narrator.row(List.of(4, 4), "payments", "n-1", "x");

    assertThat(lines()).containsExactly("   payments  n-1  x");
  }

  @Test
  void controlCharacters_doNotReachTheTerminal() {
    narrator.line("red \u001b[31m text");

    assertThat(lines()).containsExactly("   red ?[31m text");
  }

  @Test
  void silent_saysNothing() {
    narrator.fallSilent();
    narrator.chapter("x");
    narrator.line("x");

    assertThat(lines()).containsExactly("");
  }

  @Test
  void verdicts_areGoodOnlyIfAllAre_andNoneIsNotGood() {
    Verdicts verdicts = new Verdicts();
    assertThat(verdicts.allGood()).isFalse();
    verdicts.add("a call", "200", "200", true);
    assertThat(verdicts.allGood()).isTrue();
    verdicts.add("a forged call", "refused", "200", false);
    assertThat(verdicts.allGood()).isFalse();

    verdicts.tell(narrator);
    assertThat(String.join("\n", lines()))
        .contains("   ok    a call")
        .contains("   FAIL  a forged call")
        .contains("1 of 2 as expected");
  }

  private List<String> lines() {
    return List.of(bytes.toString(StandardCharsets.UTF_8).split("\n"));
  }
}
