package dev.signet.ca.issuance;

import java.time.Instant;
import java.util.Optional;

/**
 * What this CA itself found out about the pod of a token, besides whose token it is. One type for
 * each mode, so that nothing missing from the one can pass for the other.
 */
public sealed interface PodEvidence {
  AttestationMode mode();

  /**
   * The pod as the API server has it now.
   *
   * @param pod of the token's namespace and pod name, empty if there is none
   */
  record Read(Optional<PodState> pod) implements PodEvidence {
    @Override
    public AttestationMode mode() {
      return AttestationMode.CA_REVIEW;
    }
  }

  /**
   * The cluster's signature on the token, and no look at the pod.
   *
   * @param issuedAt when the cluster issued the token: the pod existed then
   */
  record Signed(Instant issuedAt) implements PodEvidence {
    @Override
    public AttestationMode mode() {
      return AttestationMode.AGENT_REVIEW;
    }
  }
}
