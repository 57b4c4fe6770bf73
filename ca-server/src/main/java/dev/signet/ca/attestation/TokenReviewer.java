package dev.signet.ca.attestation;

import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.TokenReview;

/** Asks the API server about a token. Implementations are thread-safe; they block. */
public interface TokenReviewer {
  /**
   * Creates a TokenReview.
   *
   * @param audience the one audience that is asked for; never left out
   * @throws RefusedException with {@link
   *     dev.signet.ca.issuance.RefusalReason#KUBERNETES_UNAVAILABLE} where there is no answer; an
   *     answer of no is no exception
   */
  TokenReview review(ServiceAccountToken token, String audience)
      throws RefusedException, InterruptedException;
}
