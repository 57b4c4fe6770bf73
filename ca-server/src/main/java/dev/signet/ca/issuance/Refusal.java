package dev.signet.ca.issuance;

import java.time.Duration;
import java.util.Optional;

/**
 * Why something was refused.
 *
 * @param reason what the caller gets
 * @param detail what the operator gets besides: the values that did not agree; never a token or a
 *     key
 * @param retryAfter not before this long, where it is known
 */
public record Refusal(RefusalReason reason, String detail, Optional<Duration> retryAfter) {
  public static Refusal of(RefusalReason reason, String detail) {
    return new Refusal(reason, detail, Optional.empty());
  }
}
