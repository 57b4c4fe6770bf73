package dev.signet.cli.cluster;

import java.util.List;

/**
 * The agents' DaemonSet.
 *
 * @param tokenAudiences audiences of the tokens that its pods project; empty text for the
 *     Kubernetes API's own
 * @param automountsToken whether its pods get the token for the Kubernetes API as well
 * @param maxSurge as written; "0" if not set
 */
public record AgentSet(
    int desired, List<String> tokenAudiences, boolean automountsToken, String maxSurge) {
  public AgentSet {
    tokenAudiences = List.copyOf(tokenAudiences);
  }
}
