package dev.signet.agent.svid;

import java.time.Duration;
import java.util.Optional;

/**
 * Why the CA gave no SVID.
 *
 * @param reason the CA's code, or one of this agent's: upper case with underscores
 * @param retryable whether time, a new token or the end of an outage can turn it
 * @param retryAfter not before this long, where the CA said so
 */
public record Refusal(String reason, boolean retryable, Optional<Duration> retryAfter) {
  /** The CA did not answer. */
  public static final String CA_UNREACHABLE = "CA_UNREACHABLE";

  /** The CA answered with what is no SVID for this request. */
  public static final String ANSWER_INVALID = "ANSWER_INVALID";

  /** The SVID's root is not in the bundle held. */
  public static final String ROOT_UNKNOWN = "ROOT_UNKNOWN";

  /** The caller is not the live agent of its node, or not any more. */
  public static final String AGENT_NOT_LIVE = "AGENT_NOT_LIVE";

  public static Refusal passing(String reason) {
    return new Refusal(reason, true, Optional.empty());
  }
}
