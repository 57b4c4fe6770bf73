package dev.signet.ca.adapter.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.issuance.IssuanceRecord;
import dev.signet.ca.issuance.Records;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** Writes until it is taken, as callers of the CA do. */
record Trying(IssuanceRecord recorded, Duration took, int refusals) {
  /** Above the bound of every refusal: the time-outs of one group before, and of its own. */
  static final Duration REFUSED_WITHIN = Duration.ofSeconds(12);

  static Trying record(PostgresStore store, Duration bound) throws Exception {
    long begin = System.nanoTime();
    int refusals = 0;
    while (System.nanoTime() - begin < bound.toNanos()) {
      try {
        IssuanceRecord recorded =
            store
                .issuanceLog()
                .record(Records.workload())
                .get(REFUSED_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        return new Trying(recorded, Duration.ofNanos(System.nanoTime() - begin), refusals);
      } catch (ExecutionException e) {
        requireUnavailable(e);
        refusals++;
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
    }
    throw new AssertionError("no record within " + bound + ", " + refusals + " refusals");
  }

  /** How long the refusal took, from now on. */
  static Duration refused(CompletableFuture<?> answer)
      throws InterruptedException, TimeoutException {
    return refused(answer, System.nanoTime());
  }

  /**
   * How long the refusal took.
   *
   * @param begin when the record was written, by {@link System#nanoTime}
   */
  static Duration refused(CompletableFuture<?> answer, long begin)
      throws InterruptedException, TimeoutException {
    try {
      throw new AssertionError(
          "was not refused: " + answer.get(REFUSED_WITHIN.toMillis(), TimeUnit.MILLISECONDS));
    } catch (ExecutionException e) {
      requireUnavailable(e);
      return Duration.ofNanos(System.nanoTime() - begin);
    }
  }

  /** No other refusal is one of an outage. */
  static void requireUnavailable(ExecutionException e) {
    assertThat(e.getCause())
        .isInstanceOfSatisfying(
            RefusedException.class,
            refused ->
                assertThat(refused.refusal().reason()).isEqualTo(RefusalReason.STORE_UNAVAILABLE));
  }
}
