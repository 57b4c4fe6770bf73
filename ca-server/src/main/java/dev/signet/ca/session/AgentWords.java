package dev.signet.ca.session;

import dev.signet.ca.rotation.AgentReport;
import dev.signet.ca.rotation.NodeRef;

/** Who listens to what agents say, so that it is written down. */
@FunctionalInterface
public interface AgentWords {
  /**
   * An agent said something: its whole state when its session opened, then what changed, and at
   * times only that it lives. One agent's words come in their order, from several threads but never
   * at once. It must not block.
   */
  void said(AgentReport report);

  /** The session of a node's agent here is over: its next one, wherever, says all of it anew. */
  default void gone(NodeRef node) {}
}
