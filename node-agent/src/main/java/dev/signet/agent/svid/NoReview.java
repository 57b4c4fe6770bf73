package dev.signet.agent.svid;

import dev.signet.agent.pod.PodToken;

/** The ordinary way: the CA asks the API server itself, and the agent has no right to. */
public final class NoReview implements TokenReviewer {
  @Override
  public boolean required() {
    return false;
  }

  @Override
  public void review(PodToken token, Answer answer) {
    throw new IllegalStateException("the CA reviews tokens, this agent does not");
  }
}
