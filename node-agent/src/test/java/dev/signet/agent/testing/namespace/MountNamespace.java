package dev.signet.agent.testing.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * Runs a suite in a Java process with a private mount namespace, so that the machine sees none of
 * its mounts and they end with it. Root makes the namespace; any other user becomes root of a user
 * namespace first. Such suites are named {@code XSuite}, and a test of {@code X} runs them.
 */
public final class MountNamespace {
  private MountNamespace() {}

  /** The suite's tests, each with its result in the other process. */
  public static Stream<DynamicTest> run(Class<?> suite) throws Exception {
    return run(suite, List.of());
  }

  /** The same on mounts that are shared (among themselves), without the right to mount. */
  public static Stream<DynamicTest> runWithoutPrivilege(Class<?> suite) throws Exception {
    return run(
        suite,
        List.of(
            "unshare",
            "--mount",
            "--propagation",
            "shared",
            "setpriv",
            "--inh-caps=-sys_admin",
            "--bounding-set=-sys_admin"));
  }

  private static Stream<DynamicTest> run(Class<?> suite, List<String> wrapper) throws Exception {
    Path results = Files.createTempFile("suite", ".results");
    Path output = Files.createTempFile("suite", ".out");
    Process process =
        new ProcessBuilder(command(suite, results, wrapper))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      boolean ended = process.waitFor(300, TimeUnit.SECONDS);
      String log = Files.readString(output);
      assertThat(ended).as("the suite ends: %s", log).isTrue();
      assertThat(process.exitValue()).as(log).isZero();
      List<SuiteResult> found = SuiteResult.read(results);
      assertThat(found).as(log).isNotEmpty();
      return found.stream()
          .map(result ->
              DynamicTest.dynamicTest(
                  result.name(), () -> assertThat(result.failure()).as(log).isEmpty()));
    } finally {
      process.destroyForcibly();
      Files.delete(output);
      Files.delete(results);
    }
  }

  private static List<String> command(Class<?> suite, Path results, List<String> wrapper)
      throws IOException {
    var command = new ArrayList<>(List.of("unshare", "--mount", "--propagation", "private"));
    if (!Files.getAttribute(Path.of("/proc/self"), "unix:uid", LinkOption.NOFOLLOW_LINKS)
        .equals(0)) {
      command.addAll(List.of("--user", "--map-root-user"));
    }
    command.addAll(wrapper);
    command.add(ProcessHandle.current().info().command().orElse("java"));
    // With the flags of this process: native access, and the coverage agent.
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            SuiteProcess.class.getName(),
            suite.getName(),
            results.toString()));
    return command;
  }
}
