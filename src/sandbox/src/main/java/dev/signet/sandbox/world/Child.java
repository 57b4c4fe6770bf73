package dev.signet.sandbox.world;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A process of the world. It ends with {@link #close}, with the {@link Guard}, or by itself; a
 * terminal's Ctrl-C does not reach it. Thread-safe.
 */
public final class Child implements AutoCloseable {
  /**
   * The shell waits for one line before it becomes the program, so that a process runs only once
   * the guard knows it; a signal that is ignored stays ignored across exec (POSIX, exec).
   */
  private static final List<String> WAIT_FOR_GO =
      List.of("sh", "-c", "trap '' INT HUP; read -r go && exec \"$@\" </dev/null", "signet-child");

  private static final int ORDERLY_END_SECONDS = 10;

  private final Command command;
  private final Process process;

  private Child(Command command, Process process) {
    this.command = command;
    this.process = process;
  }

  static Child start(Guard guard, Command command) {
    ProcessBuilder builder =
        new ProcessBuilder(
                Stream.concat(WAIT_FOR_GO.stream(), command.arguments().stream()).toList())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(command.log().toFile()));
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("/usr/bin:/bin");
    builder.environment().clear();
    builder.environment().put("PATH", path);
    builder.environment().putAll(command.environment());
    try {
      Process process = builder.start();
      try (OutputStream go = process.getOutputStream()) {
        guard.watch(process.pid());
        var _ = process.onExit().thenAccept(ended -> guard.forget(ended.pid()));
        go.write("go\n".getBytes(StandardCharsets.US_ASCII));
      }
      return new Child(command, process);
    } catch (IOException e) {
      throw new WorldException(command.name() + " does not start", e);
    }
  }

  public String name() {
    return command.name();
  }

  public Path log() {
    return command.log();
  }

  public long pid() {
    return process.pid();
  }

  public boolean alive() {
    return process.isAlive();
  }

  /** Completes with the exit code when the process has ended, whatever way. */
  public CompletableFuture<Integer> ended() {
    return process.onExit().thenApply(Process::exitValue);
  }

  /** SIGTERM now, and {@code kill -9} after the grace period; returns at once. */
  void stop(Duration grace) {
    process.destroy();
    CompletableFuture.delayedExecutor(grace.toMillis(), TimeUnit.MILLISECONDS)
        .execute(process::destroyForcibly);
  }

  /** Sends a signal that the JDK has no method for, by its name without {@code SIG}. */
  void signal(String signal) {
    try {
      int code = new ProcessBuilder("kill", "-" + signal, Long.toString(pid())).start().waitFor();
      if (code != 0) {
        throw new WorldException(name() + " takes no SIG" + signal + ": kill ended with " + code);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("kill does not run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException("interrupted by SIG" + signal, e));
    }
  }

  /** {@code kill -9}, and waits until it is gone. */
  public void kill() {
    process.destroyForcibly();
    await();
  }

  /** SIGTERM, and {@code kill -9} for what does not end by it in time. */
  @Override
  public void close() {
    process.destroy();
    if (!await()) {
      kill();
    }
  }

  private boolean await() {
    try {
      return process.waitFor(ORDERLY_END_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException("interrupted while " + name() + " ended", e));
    }
  }
}
