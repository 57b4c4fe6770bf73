package dev.signet.ca.audit;

import dev.signet.ca.issuance.AgentPeer;
import java.util.Optional;

/**
 * Who called.
 *
 * @param address of the peer, as the connection has it
 * @param agent who it is by its certificate; empty where it showed none, or none of an agent
 */
public record Caller(String address, Optional<AgentPeer> agent) {}
