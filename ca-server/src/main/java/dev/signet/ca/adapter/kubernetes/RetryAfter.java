package dev.signet.ca.adapter.kubernetes;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * For how long the API server wants to be left alone. While it does, nothing is sent; callers are
 * told when to come again. Thread-safe.
 */
final class RetryAfter {
  // Priority and fairness says 1; a value far above that would be a fault of something between.
  private static final Duration DEFAULT = Duration.ofSeconds(1);
  private static final long MOST_SECONDS = 60;

  private final LongSupplier nanoTime;
  private volatile long until;

  RetryAfter(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.until = nanoTime.getAsLong();
  }

  /** How much is left; empty if nothing is. */
  Optional<Duration> remaining() {
    long left = until - nanoTime.getAsLong();
    return left > 0 ? Optional.of(Duration.ofNanos(left)) : Optional.empty();
  }

  /**
   * Notes what the API server wants.
   *
   * @param header value of {@code Retry-After}: seconds (RFC 9110 section 10.2.3); anything else
   *     counts as one second
   */
  Duration note(String header) {
    Duration wanted = DEFAULT;
    if (header.matches("[0-9]{1,9}")) {
      wanted = Duration.ofSeconds(Math.clamp(Long.parseLong(header), 1, MOST_SECONDS));
    }
    synchronized (this) {
      long end = nanoTime.getAsLong() + wanted.toNanos();
      if (end - until > 0) {
        until = end;
      }
    }
    return wanted;
  }
}
