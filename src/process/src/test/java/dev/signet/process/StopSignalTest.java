package dev.signet.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals to a real process. */
@Timeout(60)
class StopSignalTest {
  @TempDir private Path folder;

  /** What runs in the process under test. */
  static final class Main {
    private Main() {}

    public static void main(String[] args) {
      Map<String, Command> verbs =
          Map.of(
              "serve", Command.service("", config -> started(() -> say("closed"))),
              "hang", Command.service("", config -> started(() -> new CountDownLatch(1).await())),
              "fail",
                  Command.service(
                      "",
                      config ->
                          started(() -> {
                            throw new IOException("cannot close");
                          })));
      System.exit(ProcessMain.run("signet-x", args, verbs));
    }

    private static AutoCloseable started(AutoCloseable service) throws IOException {
      Path left = Files.createTempFile(Path.of(System.getProperty("test.folder")), "left", "");
      left.toFile().deleteOnExit();
      say("started");
      return () -> {
        say("closing");
        service.close();
      };
    }

    private static void say(String line) {
      System.out.println(line);
      System.out.flush();
    }
  }

  @BeforeEach
  void writeConfig() throws IOException {
    Files.writeString(folder.resolve("f.yaml"), "a: 1");
    Files.createDirectory(folder.resolve("tmp"));
  }

  private Running start(String verb) throws IOException {
    Process process =
        new ProcessBuilder(
                List.of(
                    // A build in the background has SIGINT ignored, and its children inherit that.
                    "env",
                    "--default-signal=INT",
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-Dtest.folder=" + folder.resolve("tmp"),
                    "-cp",
                    System.getProperty("java.class.path"),
                    Main.class.getName(),
                    verb,
                    "--config",
                    folder.resolve("f.yaml").toString()))
            .redirectError(Redirect.to(folder.resolve("err").toFile()))
            .start();
    Running running = new Running(process, process.inputReader());
    assertThat(running.lines().readLine()).isEqualTo("started");
    return running;
  }

  private record Running(Process process, BufferedReader lines) implements AutoCloseable {
    void signal(String name) throws Exception {
      assertThat(
              new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                  .start()
                  .waitFor())
          .isZero();
    }

    int exitCode() throws InterruptedException {
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("the process ended").isTrue();
      return process.exitValue();
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void signal_closesInGoodOrderAndExits0(String name) throws Exception {
    try (Running running = start("serve")) {
      running.signal(name);
      assertThat(running.exitCode()).isZero();
      assertThat(running.lines().lines()).containsExactly("closing", "closed");
      assertThat(folder.resolve("tmp")).isEmptyDirectory();
    }
  }

  @Test
  void secondSignal_endsAStopThatHangs() throws Exception {
    try (Running running = start("hang")) {
      running.signal("TERM");
      assertThat(running.lines().readLine()).isEqualTo("closing");
      running.signal("INT");
      assertThat(running.exitCode()).isEqualTo(130);
    }
  }

  @Test
  void failedStop_exits1() throws Exception {
    try (Running running = start("fail")) {
      running.signal("TERM");
      assertThat(running.exitCode()).isEqualTo(1);
      assertThat(folder.resolve("err"))
          .content()
          .contains("fail failed: ")
          .contains("cannot close");
    }
  }
}
