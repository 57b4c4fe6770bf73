package dev.signet.ca.attestation;

import dev.signet.ca.issuance.AttestationMode;
import dev.signet.ca.issuance.Facts;
import dev.signet.ca.issuance.LiveAgent;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.TokenAudience;

/** Gathers the facts about one cluster's tokens and pods. Implementations are thread-safe. */
public sealed interface Attestor extends AutoCloseable
    permits ReviewingAttestor, SignatureAttestor {
  /** Where its facts come from. */
  AttestationMode mode();

  /**
   * Whose token it is, and what this CA knows of the pod. Blocks for a bounded time.
   *
   * @throws RefusedException with one of the {@code TOKEN_} reasons, {@code KUBERNETES_UNAVAILABLE}
   *     or {@code OVERLOADED}
   */
  Attested attest(ServiceAccountToken token, TokenAudience audience)
      throws RefusedException, InterruptedException;

  /** What this CA knows of an agent that another wants to replace. */
  Facts.Incumbent incumbent(LiveAgent agent) throws RefusedException, InterruptedException;

  @Override
  void close();
}
