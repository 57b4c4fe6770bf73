package dev.signet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.rotation.RotationRefusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** {@code docs/rotation.md} says what the code says. */
class RotationPageTest {
  @Test
  void everyRefusal_isOnThePage_withItsHint() throws IOException {
    String page = Files.readString(Path.of("../../docs/rotation.md"));

    assertThat(Arrays.stream(RotationRefusal.values()))
        .allSatisfy(
            refusal -> assertThat(page).contains("| `" + refusal + "` | " + refusal.hint() + " |"));
  }
}
