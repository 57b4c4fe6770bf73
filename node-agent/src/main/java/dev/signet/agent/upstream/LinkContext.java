package dev.signet.agent.upstream;

import dev.signet.agent.loop.AgentLoop;
import dev.signet.agent.svid.TokenReviewer;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/** What the link to the CA works with. */
public record LinkContext(
    AgentName name,
    AgentLoop loop,
    InstantSource clock,
    RandomGenerator random,
    CertificateAuthority authority,
    CaTrust trust,
    TokenReviewer reviewer,
    Signals signals) {

  /** Where the link shows how it is. */
  public record Signals(LinkState state, UpstreamMetrics metrics) {}

  LinkState state() {
    return signals.state();
  }

  UpstreamMetrics metrics() {
    return signals.metrics();
  }
}
