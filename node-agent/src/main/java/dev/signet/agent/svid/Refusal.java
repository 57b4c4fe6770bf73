package dev.signet.agent.svid;

import java.time.Duration;
import java.util.Optional;

/**
 * Why there is no SVID.
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

  /** The SVID was signed by an authority whose leaves the CA wants replaced. */
  public static final String ISSUER_OUTDATED = "ISSUER_OUTDATED";

  /** An operator decided that this node gets nothing. */
  public static final String AGENT_BANNED = "AGENT_BANNED";

  /** The caller is not the live agent of its node, or not any more. */
  public static final String AGENT_NOT_LIVE = "AGENT_NOT_LIVE";

  /** The pod's Node object is not the agent's, though of the same name. */
  public static final String NODE_UID_MISMATCH = "NODE_UID_MISMATCH";

  /** The API server did not answer, or not to this agent: whether a token is good is unknown. */
  public static final String KUBERNETES_UNAVAILABLE = "KUBERNETES_UNAVAILABLE";

  /** The API server does not accept a token. */
  public static final String TOKEN_REJECTED = "TOKEN_REJECTED";

  /** The API server accepts a token, but not for our audience. */
  public static final String TOKEN_AUDIENCE_MISSING = "TOKEN_AUDIENCE_MISSING";

  /**
   * What an operator can do where it is this agent's configuration that does not fit the CA's, or
   * an operator's own decision; to be put after the reason, empty otherwise.
   */
  public String hint() {
    return switch (reason) {
      case "AGENT_REVIEW_MISSING" ->
          ": the CA wants this cluster's agents to review tokens themselves (its cluster.review:"
              + " agent); set review: agent here";
      case "AGENT_REVIEW_NOT_ALLOWED" ->
          ": this agent reviews tokens itself (review: agent), and the CA's cluster.review does not"
              + " say so of this cluster; set one to the other's";
      case AGENT_BANNED ->
          ": an operator banned this node (signet agent list says by whom and why). Nothing is"
              + " renewed before signet agent unban; pods keep what they have until it ends";
      default -> "";
    };
  }

  /** Whether an operator decided that this node gets nothing: true of all of its pods. */
  public boolean isBan() {
    return reason.equals(AGENT_BANNED);
  }

  public static Refusal passing(String reason) {
    return new Refusal(reason, true, Optional.empty());
  }
}
