package dev.signet.clustertest.chart;

import dev.signet.clustertest.Lab;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A command-line program of the lab, run to its end. */
final class Tool {
  private static final long LIMIT_SECONDS = 180;

  private Tool() {}

  static Result kubectl(String input, String... arguments) throws IOException {
    return run(input, "kubectl", Arrays.asList(arguments));
  }

  static Result helm(List<String> arguments) throws IOException {
    return run("", "helm", arguments);
  }

  private static Result run(String input, String program, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Lab.program(program).toString());
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).start();
    CompletableFuture<String> out = text(process.getInputStream());
    CompletableFuture<String> err = text(process.getErrorStream());
    try (var stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(StandardCharsets.UTF_8));
    }
    try {
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(command + " did not end within " + LIMIT_SECONDS + " s");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while it ran: " + command, e);
    }
    return new Result(String.join(" ", command), process.exitValue(), out.join(), err.join());
  }

  private static CompletableFuture<String> text(InputStream stream) {
    return CompletableFuture.supplyAsync(() -> {
      try (stream) {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
  }

  /**
   * What it came to.
   *
   * @param command for messages
   */
  record Result(String command, int code, String out, String err) {
    Result succeeded() {
      if (code != 0) {
        throw new AssertionError(command + "\nended with " + code + "\n" + err + out);
      }
      return this;
    }
  }
}
