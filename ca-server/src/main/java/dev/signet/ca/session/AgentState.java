package dev.signet.ca.session;

import dev.signet.ca.issuance.AgentPeer;
import java.time.Instant;

/**
 * What is known of a connected agent.
 *
 * @param said its word so far
 * @param heard when it said something last
 */
public record AgentState(AgentPeer agent, Acknowledgement said, Instant heard) {}
