package dev.signet.ca.session;

import dev.signet.ca.bundle.TrustBundle;
import dev.signet.ca.issuance.Refusal;
import java.util.Set;

/**
 * The way down to one agent. Implementations are thread-safe, never block, and hold at most one
 * bundle, one order and one removal a pod that the agent has not taken yet.
 */
public interface SessionSink {
  /** Sends a bundle; one that is still unsent is replaced. */
  void bundle(TrustBundle bundle);

  /**
   * Sends which leaves are to be replaced now, after the bundle; an order that is still unsent is
   * replaced.
   *
   * @param authorityKeyIds subject key identifiers of issuing authorities, lower-case hex
   */
  void reissue(Set<String> authorityKeyIds);

  void removal(String podUid, RemovalCause cause);

  /** Ends the stream. May be called more than once. */
  void end(Refusal why);
}
