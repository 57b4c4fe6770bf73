package dev.signet.ca.adapter.kubernetes;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Doubling delays with full jitter, from a floor up to a ceiling. For one thread. */
final class Backoff {
  private final Duration floor;
  private final Duration ceiling;
  private final RandomGenerator random;
  private Duration bound;

  Backoff(Duration floor, Duration ceiling, RandomGenerator random) {
    this.floor = floor;
    this.ceiling = ceiling;
    this.random = random;
    this.bound = floor;
  }

  Duration next() {
    long nanos = bound.toNanos();
    Duration doubled = bound.multipliedBy(2);
    bound = doubled.compareTo(ceiling) < 0 ? doubled : ceiling;
    return Duration.ofNanos(nanos / 2 + random.nextLong(nanos / 2 + 1));
  }

  void reset() {
    bound = floor;
  }
}
