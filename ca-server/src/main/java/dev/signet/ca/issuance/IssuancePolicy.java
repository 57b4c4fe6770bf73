package dev.signet.ca.issuance;

import dev.signet.spiffe.TrustDomain;
import java.time.Duration;
import java.util.Set;

/**
 * What the operator decided beforehand.
 *
 * @param cluster name of the cluster, one legal path segment
 * @param mode who asks that cluster's API server
 * @param workloadTtl how long a pod's SVID lasts
 * @param backdate how long before now every SVID begins, for verifiers whose clock is behind
 * @param agentAccounts the accounts that agents run as
 * @param defaultAccountNamespaces where the account {@code default} may have an identity
 */
public record IssuancePolicy(
    TrustDomain trustDomain,
    String cluster,
    AttestationMode mode,
    Duration workloadTtl,
    Duration backdate,
    Set<ServiceAccountName> agentAccounts,
    Set<String> defaultAccountNamespaces) {
  /** How long the SVIDs of Signet's own parts last. */
  public static final Duration OWN_TTL = Duration.ofHours(1);

  /**
   * An agent that attests by its token's signature alone may have been removed meanwhile: it comes
   * again soon, with a token that kubelet refreshes for a living pod only.
   */
  public static final Duration UNSEEN_AGENT_TTL = Duration.ofMinutes(10);

  public IssuancePolicy {
    agentAccounts = Set.copyOf(agentAccounts);
    defaultAccountNamespaces = Set.copyOf(defaultAccountNamespaces);
    if (workloadTtl.isNegative() || workloadTtl.isZero()) {
      throw new IllegalArgumentException("workloadTtl " + workloadTtl + " is not positive");
    }
    if (backdate.isNegative()) {
      throw new IllegalArgumentException("backdate " + backdate + " is negative");
    }
    // The cluster becomes part of every agent's ID: found out here, not at the first agent.
    ReservedIds.agent(trustDomain, cluster, "node");
  }

  /** How long an agent's SVID lasts. */
  public Duration agentTtl() {
    return switch (mode) {
      case CA_REVIEW -> OWN_TTL;
      case AGENT_REVIEW -> UNSEEN_AGENT_TTL;
    };
  }
}
