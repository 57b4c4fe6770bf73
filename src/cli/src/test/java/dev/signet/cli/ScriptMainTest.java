package dev.signet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file that {@code tools/images} puts into the CA's image, made as there. */
class ScriptMainTest {
  @TempDir Path folder;

  @Test
  void fileThatTheKernelStarts_isTheCommand() throws Exception {
    Path arguments = folder.resolve("arguments");
    Files.write(
        arguments,
        List.of(
            Files.readString(Path.of("../../deploy/images/ca-cli.jvm-flags")),
            "-cp",
            System.getProperty("java.class.path"),
            ScriptMain.class.getName()));
    Path script = folder.resolve("signet");
    Files.writeString(
        script,
        "#!" + Path.of(System.getProperty("java.home"), "bin", "java") + " @" + arguments + "\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));

    Process process =
        new ProcessBuilder(script.toString(), "agent", "ban", "node-b", "--reason", "two words")
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(said).startsWith("signet agent ban: ").contains("CLUSTER/NODE").hasLineCount(1);
    assertThat(process.exitValue()).isEqualTo(2);
  }
}
