package dev.signet.sandbox.world;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Waits for what another process will show sooner or later, where nothing tells when. */
public final class Eventually {
  private static final Executor LATER =
      CompletableFuture.delayedExecutor(25, TimeUnit.MILLISECONDS);

  private Eventually() {}

  /** What may or may not be there yet. */
  @FunctionalInterface
  public interface Look<T> {
    Optional<T> look() throws Exception;
  }

  /**
   * Looks until there is something, or the time is up.
   *
   * @return empty if there was nothing to the end
   */
  public static <T> Optional<T> await(Duration limit, Look<T> look) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (true) {
      Optional<T> seen = seen(look);
      if (seen.isPresent() || System.nanoTime() > end) {
        return seen;
      }
      try {
        CompletableFuture.runAsync(() -> {}, LATER).get();
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static <T> Optional<T> seen(Look<T> look) throws InterruptedException {
    try {
      return look.look();
    } catch (InterruptedException e) {
      throw e;
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new WorldException("what is waited for cannot be looked at", e);
    }
  }
}
