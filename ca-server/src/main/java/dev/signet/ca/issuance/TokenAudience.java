package dev.signet.ca.issuance;

import dev.signet.spiffe.TrustDomain;

/**
 * What a token is for. A token for one audience is worthless for another; the trust domain is part
 * of it, so that a token for one is worthless in another, too.
 */
public enum TokenAudience {
  WORKLOAD("workload"),
  AGENT("agent");

  private final String name;

  TokenAudience(String name) {
    this.name = name;
  }

  /** As it stands in the token, for example {@code signet://shop.example/workload}. */
  public String in(TrustDomain trustDomain) {
    return "signet://" + trustDomain.name() + "/" + name;
  }
}
