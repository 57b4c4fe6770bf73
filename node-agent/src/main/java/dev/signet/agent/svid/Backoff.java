package dev.signet.agent.svid;

import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Exponential back-off with full jitter: any time between nothing and the bound, so that many who
 * failed together do not return together. Not thread-safe.
 */
public final class Backoff {
  private static final int SATURATED = 20;

  private final RandomGenerator random;
  private final Duration base;
  private final Duration cap;
  private int failures;

  public Backoff(RandomGenerator random, Duration base, Duration cap) {
    this.random = random;
    this.base = base;
    this.cap = cap;
  }

  /** The delay after one more failure, never less than what the other side asked for. */
  public Duration next(Optional<Duration> atLeast) {
    long bound = Math.min(cap.toNanos(), base.toNanos() << Math.min(failures, SATURATED));
    failures++;
    return atLeast.orElse(Duration.ZERO).plusNanos(random.nextLong(bound + 1));
  }

  /** The delay as after many failures, and at least half the bound: where hope is small. */
  public Duration slowest(Optional<Duration> atLeast) {
    failures = SATURATED;
    long half = cap.toNanos() / 2;
    return atLeast.orElse(Duration.ZERO).plusNanos(half + random.nextLong(half + 1));
  }

  /** After a success. */
  public void reset() {
    failures = 0;
  }
}
