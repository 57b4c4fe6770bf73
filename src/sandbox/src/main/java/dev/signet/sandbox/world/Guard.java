package dev.signet.sandbox.world;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A shell that outlives this process just long enough to end the processes and remove the folder of
 * a world, even after {@code kill -9}. Thread-safe. Once closed it takes no process any more, so
 * that nothing started during the end can survive it.
 */
final class Guard implements AutoCloseable {
  private static final int CLEAN_UP_SECONDS = 20;

  private final Process shell;
  private final Writer words;
  private boolean closed;

  private Guard(Process shell) {
    this.shell = shell;
    this.words = shell.outputWriter(StandardCharsets.US_ASCII);
  }

  /** Starts to guard a folder, which is removed when the guard's work is done. */
  static Guard over(Path folder) {
    try {
      return new Guard(
          new ProcessBuilder("sh", "-c", script(), "signet-guard", folder.toString())
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start());
    } catch (IOException e) {
      throw new WorldException("the guard over " + folder + " does not start", e);
    }
  }

  private static String script() throws IOException {
    try (InputStream text = Guard.class.getResourceAsStream("guard.sh")) {
      if (text == null) {
        throw new IOException("guard.sh is not beside " + Guard.class.getName());
      }
      // Without its comments, since the whole of it is what a process list shows.
      return new String(text.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .collect(Collectors.joining("\n"));
    }
  }

  /**
   * From now on the process ends with this one.
   *
   * @throws WorldException if the guard is closed
   */
  void watch(long pid) {
    if (!say("+" + pid)) {
      throw new WorldException("the world is ending: nothing is started any more");
    }
  }

  /** The process has ended by itself. */
  void forget(long pid) {
    say("-" + pid);
  }

  /** Leaves the logs in the folder {@code logs} where they are, and nothing else. */
  void keepLogs() {
    say("keep");
  }

  private synchronized boolean say(String word) {
    if (closed) {
      return false;
    }
    try {
      words.write(word + "\n");
      words.flush();
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException("the guard does not listen any more", e);
    }
  }

  /** Ends every process that is still watched and removes the folder. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    try {
      words.close();
      if (!shell.waitFor(CLEAN_UP_SECONDS, TimeUnit.SECONDS)) {
        throw new WorldException("the clean-up takes longer than " + CLEAN_UP_SECONDS + " s");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
