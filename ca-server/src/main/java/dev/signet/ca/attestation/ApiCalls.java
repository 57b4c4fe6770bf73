package dev.signet.ca.attestation;

import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs blocking calls to the API server, each on a virtual thread of its own and only so many at a
 * time; those that wait are served in order, and only so many may wait. The Kubernetes client has
 * no such limit of its own. Thread-safe. Closing it interrupts what runs.
 */
final class ApiCalls implements AutoCloseable {
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("kubernetes-call-", 0).factory());
  private final AttestationLimits limits;
  private final Semaphore slots;

  ApiCalls(AttestationLimits limits) {
    this.limits = limits;
    this.slots = new Semaphore(limits.concurrentCalls(), true);
  }

  /** One blocking call. */
  interface Call<T> {
    T run() throws RefusedException, InterruptedException;
  }

  <T> Future<T> start(Call<T> call) {
    return start(call, () -> {});
  }

  /**
   * Starts a call.
   *
   * @param ended runs when it has come to an end of whatever kind, before its result can be had
   */
  <T> Future<T> start(Call<T> call, Runnable ended) {
    return threads.submit(() -> {
      try {
        return inTurn(call);
      } finally {
        ended.run();
      }
    });
  }

  private <T> T inTurn(Call<T> call) throws RefusedException, InterruptedException {
    // With a time, even none, a free slot goes to those who waited before.
    if (!slots.tryAcquire(0, TimeUnit.NANOSECONDS)
        && (slots.getQueueLength() >= limits.waitingCalls()
            || !slots.tryAcquire(limits.deadline().toNanos(), TimeUnit.NANOSECONDS))) {
      throw new RefusedException(
          RefusalReason.OVERLOADED, "too many calls to the API server wait already");
    }
    try {
      return call.run();
    } finally {
      slots.release();
    }
  }

  /**
   * Waits until {@code deadline}.
   *
   * @param deadline in terms of {@link System#nanoTime}
   */
  <T> T await(Future<T> future, long deadline) throws RefusedException, InterruptedException {
    try {
      return future.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new RefusedException(
          RefusalReason.KUBERNETES_UNAVAILABLE,
          "no answer within " + limits.deadline().toMillis() + " ms",
          e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RefusedException refused) {
        throw refused;
      }
      throw new IllegalStateException("a call to the API server failed", e.getCause());
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    threads.close();
  }
}
