package dev.signet.process;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What a composition root has opened. Closes it in reverse order, all of it, whatever fails: the
 * first failure is thrown with the others suppressed. Thread-safe; closing twice does nothing.
 */
public final class Resources implements AutoCloseable {
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private boolean closed;

  /**
   * Takes over the closing of {@code resource}, and returns it.
   *
   * @throws IllegalStateException where all was closed already; {@code resource} then stays the
   *     caller's
   */
  public synchronized <T extends AutoCloseable> T add(T resource) {
    if (closed) {
      throw new IllegalStateException("closed already");
    }
    open.push(resource);
    return resource;
  }

  /**
   * Closes everything, last opened first.
   *
   * @throws IllegalStateException where something could not be closed, with the first failure as
   *     its cause
   */
  @Override
  public void close() {
    Exception failure = null;
    for (AutoCloseable resource = next(); resource != null; resource = next()) {
      try {
        resource.close();
      } catch (Exception e) {
        if (e instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw new IllegalStateException("not closed in good order: " + failure, failure);
    }
  }

  private synchronized @Nullable AutoCloseable next() {
    closed = true;
    return open.poll();
  }
}
