package dev.signet.ca.attestation;

import dev.signet.ca.issuance.AttestationMode;
import dev.signet.ca.issuance.Facts;
import dev.signet.ca.issuance.LiveAgent;
import dev.signet.ca.issuance.PodEvidence;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.TokenAudience;
import dev.signet.ca.issuance.TokenClaims;
import dev.signet.ca.issuance.TokenSubject;
import dev.signet.spiffe.TrustDomain;
import java.time.InstantSource;

/**
 * {@link AttestationMode#AGENT_REVIEW}: verifies the cluster's signature on a token, for a cluster
 * whose API server this CA cannot reach. Who the pod is and on which node it runs is as certain as
 * by a review; that it still exists is not known here. Sends nothing. Thread-safe.
 */
public final class SignatureAttestor implements Attestor {
  private final String cluster;
  private final String issuer;
  private final TrustDomain trustDomain;
  private final TokenSignatures signatures;
  private final InstantSource clock;

  /**
   * Makes an attestor for one cluster.
   *
   * @param cluster name of the cluster whose keys {@code signatures} knows
   * @param issuer of that cluster's tokens
   */
  public SignatureAttestor(
      String cluster,
      String issuer,
      TrustDomain trustDomain,
      TokenSignatures signatures,
      InstantSource clock) {
    this.cluster = cluster;
    this.issuer = issuer;
    this.trustDomain = trustDomain;
    this.signatures = signatures;
    this.clock = clock;
  }

  @Override
  public AttestationMode mode() {
    return AttestationMode.AGENT_REVIEW;
  }

  @Override
  public Attested attest(ServiceAccountToken token, TokenAudience audience)
      throws RefusedException {
    TokenClaims claims = signatures.verify(token);
    TokenSubject subject =
        TokenSubject.of(claims, cluster, issuer, trustDomain, audience, clock.instant());
    return new Attested(subject, new PodEvidence.Signed(claims.times().issuedAt()));
  }

  @Override
  public Facts.Incumbent incumbent(LiveAgent agent) {
    return new Facts.Incumbent.Unseen(agent);
  }

  /** Holds nothing open. */
  @Override
  public void close() {}
}
