package dev.signet.ca.issuance;

import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.TrustDomain;

/** The IDs of Signet's own parts. No workload's ID begins like them. */
public final class ReservedIds {
  static final String ROOT = "signet";

  private ReservedIds() {}

  /** The CA's own, which agents demand of it. */
  public static SpiffeId server(TrustDomain trustDomain) {
    return SpiffeId.of(trustDomain, ROOT, "ca");
  }

  static SpiffeId agent(TrustDomain trustDomain, String cluster, String nodeName) {
    return SpiffeId.of(trustDomain, ROOT, "agent", cluster, nodeName);
  }
}
