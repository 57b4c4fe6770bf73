package dev.signet.ca.session;

import dev.signet.ca.bundle.TrustBundle;
import dev.signet.ca.issuance.Refusal;

/**
 * The way down to one agent. Implementations are thread-safe, never block, and hold at most one
 * bundle and one removal a pod that the agent has not taken yet.
 */
public interface SessionSink {
  /** Sends a bundle; one that is still unsent is replaced. */
  void bundle(TrustBundle bundle);

  void removal(String podUid, RemovalCause cause);

  /** Ends the stream. May be called more than once. */
  void end(Refusal why);
}
