package dev.signet.workload;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * When to try again: at once after something that worked, then after a random part of a bound that
 * doubles up to a cap ("full jitter", so that the pods of a node whose agent comes back do not come
 * in waves).
 *
 * <p>"At once" (SPIFFE_Workload_API.md section 4.2) is granted once per cap: a server that sends
 * one good message and hangs up, for ever, gets no busy loop.
 *
 * <p>Not thread-safe.
 */
final class Backoff {

  /**
   * The bounds.
   *
   * @param first the bound of the first wait
   * @param cap the bound of every later one
   * @param seldom the longest wait after an answer that the standard says not to retry
   */
  record Bounds(Duration first, Duration cap, Duration seldom) {

    /**
     * A local socket costs little to try, and an agent is back within two seconds of being killed.
     */
    static final Bounds DEFAULT =
        new Bounds(Duration.ofMillis(100), Duration.ofSeconds(10), Duration.ofMinutes(1));
  }

  private static final int MAX_DOUBLINGS = 30;

  private final Bounds bounds;
  private final InstantSource clock;
  private final RandomGenerator random;
  private boolean worked = true;
  private int failures;
  private @Nullable Instant lastAtOnce;

  Backoff(Bounds bounds, InstantSource clock, RandomGenerator random) {
    this.bounds = bounds;
    this.clock = clock;
    this.random = random;
  }

  void worked() {
    worked = true;
  }

  /** The wait before the next try, after a failure that is expected to heal by itself. */
  Duration next() {
    if (worked && atOnceIsDue()) {
      worked = false;
      failures = 0;
      lastAtOnce = clock.instant();
      return Duration.ZERO;
    }
    worked = false;
    Duration bound = bounds.first().multipliedBy(1L << Math.min(failures, MAX_DOUBLINGS));
    failures++;
    return part(bound.compareTo(bounds.cap()) > 0 ? bounds.cap() : bound, 0.0);
  }

  /**
   * The wait after an answer that the standard says not to retry: between half and the whole of the
   * seldom bound.
   */
  Duration seldom() {
    worked = false;
    return part(bounds.seldom(), 0.5);
  }

  private boolean atOnceIsDue() {
    return lastAtOnce == null || !clock.instant().isBefore(lastAtOnce.plus(bounds.cap()));
  }

  private Duration part(Duration bound, double least) {
    double share = least + (1 - least) * random.nextDouble();
    return Duration.ofNanos((long) (bound.toNanos() * share));
  }
}
