package dev.signet.agent.upstream;

import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.TrustDomain;

/** The names on the link between this agent and its CA. */
public record AgentName(TrustDomain trustDomain, String cluster, String node) {

  public AgentName {
    SpiffeId.of(trustDomain, "signet", "agent", cluster, node);
  }

  /** This agent's own ID. */
  public SpiffeId id() {
    return SpiffeId.of(trustDomain, "signet", "agent", cluster, node);
  }

  /** The ID a server must show before it gets any token. */
  public SpiffeId certificateAuthority() {
    return SpiffeId.of(trustDomain, "signet", "ca");
  }

  /** The audience of the tokens that prove pods. */
  public String workloadAudience() {
    return "signet://" + trustDomain.name() + "/workload";
  }
}
