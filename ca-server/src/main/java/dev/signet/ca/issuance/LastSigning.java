package dev.signet.ca.issuance;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * How late it was when a key was last recorded to sign. A clock that fell behind it by more than
 * the allowance is not believed: what is signed then would be dated wrongly. Thread-safe.
 */
public final class LastSigning {
  /** What a clock may be corrected by without anybody noticing; leaves are backdated by as much. */
  static final Duration ALLOWANCE = Duration.ofMinutes(5);

  private final AtomicReference<Instant> last;

  public LastSigning(Optional<Instant> last) {
    this.last = new AtomicReference<>(last.orElse(Instant.MIN));
  }

  /**
   * Refuses a clock that fell behind.
   *
   * @throws RefusedException {@code CLOCK_BEHIND_RECORDS}
   */
  public void check(Instant now) throws RefusedException {
    Instant latest = last.get();
    // Compared this way round, MIN does not overflow.
    if (now.plus(ALLOWANCE).isBefore(latest)) {
      throw new RefusedException(
          RefusalReason.CLOCK_BEHIND_RECORDS,
          "the clock says " + now + ", and this authority signed at " + latest);
    }
  }

  void recorded(Instant at) {
    last.accumulateAndGet(at, (a, b) -> a.isAfter(b) ? a : b);
  }
}
