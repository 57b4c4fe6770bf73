package dev.signet.agent.svid;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * When an SVID is renewed: a point between 0.4 and 0.6 of its life, drawn once per SVID, so that
 * renewals of pods that started together spread (FAULTS.md F30). Drawing again at each look would
 * bunch them at the early end.
 */
public final class RenewalPoint {
  private RenewalPoint() {}

  /**
   * Draws the point, as a time from now.
   *
   * @param received when the SVID came: life is counted from there, since a backdated start is no
   *     time of use
   */
  public static Duration draw(Instant received, Instant notAfter, RandomGenerator random) {
    Duration life = Duration.between(received, notAfter);
    double fraction = 0.4 + 0.2 * random.nextDouble();
    return Duration.ofNanos((long) (life.toNanos() * fraction));
  }
}
