package dev.signet.ca.issuance;

import java.util.Optional;

/**
 * Which agent lives on which node. Kept in the transaction of the agent's issuance record; reads
 * never come from a stale copy. Thread-safe.
 */
public interface LiveAgents {
  Optional<LiveAgent> on(String cluster, String nodeName);
}
