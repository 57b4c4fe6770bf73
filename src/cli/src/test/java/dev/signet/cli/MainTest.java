package dev.signet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MainTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... args) {
    return Main.run(
        args,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        Map.of());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                      | demo, validate, version",
        "demon                   | did you mean demo",
        "demo --onec             | --onec",
        "demo more               | more",
        "validate                | ca|agent",
        "validate ca             | FILE",
        "validate registry x     | registry",
        "validate ca x y         | y",
        "version x               | x",
        "@missing                | @missing",
        "-rf                     | -rf",
      })
  void badUsage_isTwoAndOneLine(String line, String said) {
    int code = run(line.isEmpty() ? new String[0] : line.split(" "));

    assertThat(code).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .startsWith("signet")
        .contains(said)
        .hasLineCount(1);
    assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void controlCharactersOfAnArgument_doNotReachTheTerminal() {
    assertThat(run("demo", "\u001b[31mred\nline")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).hasLineCount(1).doesNotContain("\u001b");
  }

  @Test
  void version_isTheBuildsOwn() {
    assertThat(run("version")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .containsPattern("^signet \\d+\\.\\d+\\.\\d+")
        .contains("Java 25");
  }

  @Test
  void help_namesTheVerbs() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("demo", "validate", "version");
  }

  @Test
  void brokenConfiguration_isTwo_andEveryProblemIsNamed(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("agent.yaml"), "trust_domian: shop.example\n");

    assertThat(run("validate", "agent", file.toString())).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("trust_domian", "trust_domain", "token_file");
  }

  @Test
  void goodConfiguration_isZero(@TempDir Path folder) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("agent.yaml"),
            """
            trust_domain: shop.example
            cluster: demo
            node_name: node-1
            ca: {address: "ca.example:8443", trust_bundle_file: /b.pem}
            token_file: /t
            sandbox: true
            """);

    assertThat(run("validate", "agent", file.toString())).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("valid");
  }

  @Test
  void missingFile_isTwo() {
    assertThat(run("validate", "ca", "/nonexistent/ca.yaml")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("/nonexistent/ca.yaml");
  }
}
