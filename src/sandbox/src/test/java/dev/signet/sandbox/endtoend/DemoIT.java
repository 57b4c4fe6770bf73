package dev.signet.sandbox.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.sandbox.world.Eventually;
import dev.signet.sandbox.world.Installation;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The demo from outside: what it prints, how it ends, what it leaves. */
@Timeout(300)
class DemoIT {
  private static final int INTERRUPTED = 130;

  /** Short, since sockets lie below it. */
  private Path folder;

  @BeforeEach
  void prepare() throws Exception {
    folder = Files.createTempDirectory(Path.of("/tmp"), "it");
  }

  @AfterEach
  void clean() throws Exception {
    try (Stream<Path> left = Files.walk(folder)) {
      for (Path path : left.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(path);
      }
    }
  }

  @Test
  void once_tellsTheWholeStory_andEndsWithZero() throws Exception {
    Process demo = start("--once");
    String told = new String(demo.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(demo.waitFor()).as(told).isZero();
    assertThat(told)
        .contains("spiffe://shop.example/ns/shop/sa/payments")
        .contains("NODE_MISMATCH")
        .contains("TOKEN_REJECTED")
        .contains("CSR_ASKS_FOR_MORE")
        .contains(", 0 failed")
        .doesNotContain("FAIL")
        .doesNotContain("\u001b");
    assertThat(told.lines().filter(line -> line.length() > 100)).isEmpty();
    assertNothingLeft();
  }

  @ParameterizedTest
  @ValueSource(strings = {"A cluster starts", "From here on"})
  void ctrlC_atAnyTime_leavesNothing(String at) throws Exception {
    Process demo = start();
    awaitLine(demo, at);

    signal(demo, "INT");

    assertThat(demo.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(demo.exitValue()).isEqualTo(INTERRUPTED);
    assertNothingLeft();
  }

  @Test
  void killed_leavesNothingEither() throws Exception {
    Process demo = start();
    awaitLine(demo, "frontend");

    signal(demo, "KILL");

    assertThat(demo.waitFor(30, TimeUnit.SECONDS)).isTrue();
    Optional<Boolean> clean =
        Eventually.await(
            Duration.ofSeconds(20),
            () -> Optional.of(processesLeft().isEmpty() && filesLeft().isEmpty()).filter(b -> b));
    assertThat(clean).as("left: %s %s", processesLeft(), filesLeft()).isPresent();
  }

  private Process start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    // A build that runs in the background has SIGINT ignored, and its children inherit that.
    command.addAll(List.of("env", "--default-signal=INT"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:-UsePerfData",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Djava.io.tmpdir=" + folder,
            "-D" + Installation.HOME_PROPERTY + "=" + Installation.find().home(),
            "-cp",
            System.getProperty("java.class.path"),
            DemoRun.class.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectError(ProcessBuilder.Redirect.appendTo(new File("target/demo-it.err")))
        .start();
  }

  private static void awaitLine(Process demo, String text) throws IOException {
    StringBuilder told = new StringBuilder();
    BufferedReader reader = demo.inputReader();
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      told.append(line).append('\n');
      if (line.contains(text)) {
        return;
      }
    }
    throw new AssertionError("the demo ended before it said \"" + text + "\":\n" + told);
  }

  private static void signal(Process process, String name) throws Exception {
    assertThat(
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor())
        .isZero();
  }

  private void assertNothingLeft() throws IOException {
    assertThat(processesLeft()).isEmpty();
    assertThat(filesLeft()).isEmpty();
  }

  /** Every process of a world has the world's folder in its command line. */
  private List<String> processesLeft() {
    return ProcessHandle.allProcesses()
        .filter(process -> process.pid() != ProcessHandle.current().pid())
        .map(process -> process.info().commandLine().orElse(""))
        .filter(line -> line.contains(folder + "/signet-"))
        .toList();
  }

  private List<Path> filesLeft() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
