package dev.signet.agent.svid;

import dev.signet.agent.pod.PodToken;
import java.util.Optional;

/**
 * One pod's token and certificate request.
 *
 * @param review what the API server said of this token a moment ago; empty where the CA asks it
 */
public record SvidRequest(PodToken token, CertificateRequest csr, Optional<AcceptedReview> review) {
  /** For a CA that reviews the token itself. */
  public SvidRequest(PodToken token, CertificateRequest csr) {
    this(token, csr, Optional.empty());
  }

  SvidRequest with(AcceptedReview accepted) {
    return new SvidRequest(token, csr, Optional.of(accepted));
  }
}
