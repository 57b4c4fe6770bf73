package dev.signet.ca.adapter.grpc;

import dev.signet.ca.issuance.AgentPeer;
import dev.signet.ca.issuance.LiveAgent;
import dev.signet.ca.issuance.LiveAgents;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.session.Sessions;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Whether a peer is the live agent of its node, by the store's word, and its node not banned, by
 * what is known here: a ban holds also while the store does not answer. Thread-safe.
 */
final class LiveCheck {
  private final LiveAgents agents;
  private final InstantSource clock;
  private final Sessions sessions;

  LiveCheck(LiveAgents agents, InstantSource clock, Sessions sessions) {
    this.agents = agents;
    this.clock = clock;
    this.sessions = sessions;
  }

  /**
   * Refuses whoever is not, or is not known to be.
   *
   * @throws RefusedException with {@link RefusalReason#AGENT_BANNED}, {@link
   *     RefusalReason#AGENT_NOT_LIVE} or {@link RefusalReason#STORE_UNAVAILABLE}
   */
  void require(AgentPeer agent) throws RefusedException {
    sessions.requireNotBanned(agent);
    Optional<LiveAgent> live = agents.on(agent.cluster(), agent.nodeName());
    agent.alive(live, clock.instant());
  }

  /** Likewise; but while the store does not answer, all are let pass (ADR 9). */
  void requireWhileStoreAnswers(AgentPeer agent) throws RefusedException {
    try {
      require(agent);
    } catch (RefusedException e) {
      if (e.refusal().reason() != RefusalReason.STORE_UNAVAILABLE) {
        throw e;
      }
    }
  }
}
