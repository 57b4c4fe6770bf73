package dev.signet.agent.svid;

import dev.signet.agent.pod.PodToken;

/**
 * Asks the cluster whether a pod's token is good, where it is the agents that ask, because the CA
 * cannot reach the API server. Confined to the loop.
 */
public interface TokenReviewer {
  /** Whether the CA wants a review with each token. */
  boolean required();

  /** Reviews a token now; nothing is kept of an earlier answer. */
  void review(PodToken token, Answer answer);

  /** How a review ended; one of the two, once, on the loop. */
  interface Answer {
    void accepted(AcceptedReview review);

    /**
     * The token is not to be sent.
     *
     * @param refusal the API server's no; or, retryable, that it said nothing, which is never a no
     */
    void refused(Refusal refusal);
  }
}
