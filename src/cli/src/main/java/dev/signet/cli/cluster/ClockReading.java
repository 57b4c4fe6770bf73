package dev.signet.cli.cluster;

import java.time.Duration;
import java.time.Instant;

/**
 * The API server's clock, read once.
 *
 * @param server what it said, in whole seconds
 * @param before this machine's clock when it was asked
 * @param after this machine's clock when it had answered
 */
public record ClockReading(Instant server, Instant before, Instant after) {

  /**
   * How far the server's clock is certainly ahead of this machine's (negative: behind); zero where
   * the reading cannot tell.
   */
  public Duration lead() {
    Duration least = Duration.between(after, server);
    // The header's fraction was cut off.
    Duration most = Duration.between(before, server.plusSeconds(1));
    if (least.isPositive()) {
      return least;
    }
    return most.isNegative() ? most : Duration.ZERO;
  }
}
