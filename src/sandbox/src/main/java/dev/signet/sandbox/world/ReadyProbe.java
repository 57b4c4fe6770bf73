package dev.signet.sandbox.world;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Waits until a process says on its readiness probe that it is ready, as kubelet would, only more
 * often.
 */
final class ReadyProbe implements AutoCloseable {
  private static final Executor LATER =
      CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS);

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

  /**
   * Returns once {@code /readyz} answers 200.
   *
   * @return what it says then
   * @throws WorldException if the process ends before, or the time is up
   */
  String await(Child child, URI readyz, Duration limit) {
    Attempt attempt = new Attempt(readyz);
    CompletableFuture<Void> ready = attempt.run();
    CompletableFuture<Void> ended =
        child
            .ended()
            .thenAccept(code -> {
              throw new WorldException(
                  child.name() + " ended with " + code + "; its log: " + child.log());
            });
    try {
      CompletableFuture.anyOf(ready, ended).get(limit.toMillis(), TimeUnit.MILLISECONDS);
      return attempt.seen;
    } catch (TimeoutException e) {
      throw new WorldException(
          String.format(
              Locale.ROOT,
              "%s is not ready after %d s (%s); its log: %s",
              child.name(),
              limit.toSeconds(),
              attempt.seen.replace("\n", "; "),
              child.log()),
          e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof WorldException known
          ? known
          : new WorldException(child.name() + " cannot be asked whether it is ready", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WorldException("interrupted while " + child.name() + " started", e);
    } finally {
      attempt.over = true;
    }
  }

  @Override
  public void close() {
    http.close();
  }

  /** One wait: asks again and again until the answer is 200 or nobody waits any more. */
  private final class Attempt {
    private final HttpRequest request;
    private volatile String seen = "no answer yet";
    private volatile boolean over;

    Attempt(URI readyz) {
      request = HttpRequest.newBuilder(readyz).timeout(Duration.ofSeconds(2)).build();
    }

    CompletableFuture<Void> run() {
      return http.sendAsync(request, HttpResponse.BodyHandlers.ofString())
          .handle(this::ready)
          .thenCompose(ready ->
              ready || over
                  ? CompletableFuture.completedFuture(null)
                  : CompletableFuture.runAsync(() -> {}, LATER).thenCompose(done -> run()));
    }

    private boolean ready(@Nullable HttpResponse<String> response, @Nullable Throwable failure) {
      if (response == null) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        seen = cause instanceof IOException ? "no connection" : String.valueOf(cause);
        return false;
      }
      seen = response.body().strip();
      return response.statusCode() == 200;
    }
  }
}
