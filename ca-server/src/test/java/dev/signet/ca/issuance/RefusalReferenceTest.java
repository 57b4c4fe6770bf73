package dev.signet.ca.issuance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page that operators read says what the code says. */
class RefusalReferenceTest {
  private static final Path PAGE = Path.of("..", "docs", "reference", "refusals.md");

  @Test
  void refusalsPage_rows_areTheReasonsWithTheirHints() throws IOException {
    List<String> rows =
        Files.readAllLines(PAGE).stream().filter(line -> line.startsWith("| `")).toList();

    assertThat(rows)
        .containsExactlyElementsOf(
            Stream.of(RefusalReason.values()).map(RefusalReferenceTest::row).toList());
  }

  private static String row(RefusalReason reason) {
    String status =
        switch (reason.kind()) {
          case RETRYABLE, UNAVAILABLE -> "UNAVAILABLE";
          case INVALID_ARGUMENT, UNAUTHENTICATED, PERMISSION_DENIED, INTERNAL ->
              reason.kind().name();
        };
    return "| `%s` | `%s` | %s | %s |"
        .formatted(reason, status, reason.retryable() ? "yes" : "no", reason.hint());
  }
}
