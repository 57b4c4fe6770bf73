package dev.signet.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessMainTest {
  @TempDir private Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private String config = "";

  @BeforeEach
  void writeConfig() throws IOException {
    config = Files.writeString(folder.resolve("f.yaml"), "name: x\n").toString();
  }

  private int run(Command.Task validate, String... args) {
    Map<String, Command> verbs =
        Map.of(
            "validate", Command.task("checks the file", validate),
            "serve", Command.service("serves", document -> () -> {}));
    return new ProcessMain(
            "signet-x",
            verbs,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8))
        .run(args);
  }

  private int run(String... args) {
    return run(document -> "fine", args);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void task_printsItsResult() {
    assertThat(run("validate", "--config", config)).isZero();
    assertThat(run("--config=" + config, "validate")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("fine\nfine\n");
    assertThat(err()).isEmpty();
  }

  @Test
  void help_namesTheVerbs() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            """
            usage: signet-x VERB --config FILE

              serve      serves
              validate   checks the file
            """);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | a verb is missing; the verbs are serve, validate",
        "valdiate | unknown verb 'valdiate'; did you mean 'validate'?",
        "destroy | unknown verb 'destroy'; the verbs are serve, validate",
        "serve | serve needs --config FILE",
        "serve --config | --config needs a file",
        "serve --config= | serve needs --config FILE",
        "serve --config a --config b | --config is given twice",
        "serve --config a --config=b | --config is given twice",
        "serve validate --config a | one verb is enough; 'validate' is too much",
        "serve --confg a | unknown option '--confg'; did you mean '--config'?",
        "serve -x | unknown option '-x'",
      })
  void wrongCommandLine_isExplainedInOneLine(String args, String expected) {
    assertThat(run(args.isEmpty() ? new String[0] : args.split(" ", -1))).isEqualTo(2);
    assertThat(err()).isEqualTo("signet-x: " + expected + "\n");
  }

  @Test
  void terminalSequenceOnTheCommandLine_isEscaped() {
    assertThat(run("\u001b[31m")).isEqualTo(2);
    assertThat(err())
        .isEqualTo("signet-x: unknown verb '\\u{1b}[31m'; the verbs are serve, validate\n");
  }

  @Test
  void wrongConfiguration_exits2WithEveryProblem() throws Exception {
    Files.writeString(folder.resolve("f.yaml"), "nam: x\nsize: y\n");
    int code =
        run(
            document -> {
              document.root().text("name");
              document.root().integer("size", 1, 1, 2);
              return document.build(() -> "");
            },
            "validate",
            "--config",
            config);
    assertThat(code).isEqualTo(2);
    assertThat(err().lines())
        .containsExactly(
            config + ":1: nam: unknown key; did you mean 'name'?",
            config + ":1: name: is missing; it has no default",
            config + ":2: size: must be a whole number from 1 to 2, not 'y'");
    assertThat(out.size()).isZero();
  }

  @Test
  void missingConfiguration_exits2() {
    assertThat(run("serve", "--config", folder.resolve("none").toString())).isEqualTo(2);
    assertThat(err()).endsWith("none: does not exist; name the file with --config\n");
  }

  @Test
  void refusedStart_exits1WithItsReasonAlone() {
    Command.Task refuse =
        document -> {
          throw new StartRefusedException(
              "the key of root 3 is missing; restore keys/3 from the backup");
        };
    assertThat(run(refuse, "validate", "--config", config)).isEqualTo(1);
    assertThat(err())
        .isEqualTo("signet-x: the key of root 3 is missing; restore keys/3 from the backup\n");
  }

  @Test
  void failedInput_exits1InOneLine() {
    Command.Task fail =
        document -> {
          throw new IOException("disk full");
        };
    assertThat(run(fail, "validate", "--config", config)).isEqualTo(1);
    assertThat(err()).isEqualTo("signet-x: validate failed: disk full\n");
  }
}
