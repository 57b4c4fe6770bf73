package dev.signet.agent.svid;

import java.time.Duration;

/** What is counted of issuance on the node. */
public interface SvidMetrics {
  /** One SVID came, so long after it was asked for. */
  void granted(Duration asked);

  /** One request was refused or failed. */
  void refused(Refusal refusal);

  /** A pod's first SVID can be served, so long after its volume's publish call came in. */
  void firstSvid(Duration sincePublish);

  /** One step of the way to an SVID. */
  void step(Step step, Duration time);

  /** The agent asked the API server about a pod's token. */
  void reviewed(Review result, Duration time);

  /** What came of it. */
  enum Review {
    ACCEPTED,
    REFUSED,
    /** It gave no answer, which is never a no. */
    UNKNOWN
  }

  /** Steps that are timed. */
  enum Step {
    /** Making the key and the request. */
    KEY,
    /** From ready to send to the answer. */
    CA,
    /** Checking the answer and putting the snapshot together. */
    VERIFY
  }
}
