package dev.signet.ca.issuance;

import java.util.Optional;

/**
 * Which agent lives on which node. Kept in the transaction of the agent's issuance record; reads
 * never come from a stale copy. Thread-safe; may block on the store.
 */
public interface LiveAgents {
  /**
   * The agent of a node, if one was ever attested.
   *
   * @throws RefusedException {@code STORE_UNAVAILABLE} if that is not known now
   */
  Optional<LiveAgent> on(String cluster, String nodeName) throws RefusedException;
}
