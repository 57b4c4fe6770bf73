package dev.signet.agent.upstream;

import dev.signet.agent.bundle.BundleHolder;
import dev.signet.agent.svid.Refusal;
import java.time.Duration;

/** What is counted of the link to the CA. */
public interface UpstreamMetrics {
  /** The agent got its own SVID, so long after it asked. */
  void attested(Duration time);

  void attestationRefused(Refusal refusal);

  /** A bundle of the session was not taken. */
  void bundleRefused(BundleHolder.Outcome outcome);

  void sessionEnded(Refusal cause);
}
