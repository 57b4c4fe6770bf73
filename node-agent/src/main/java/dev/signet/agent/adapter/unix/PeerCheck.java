package dev.signet.agent.adapter.unix;

import java.util.Optional;

/** Who may connect to a socket. Asked once a connection, on its I/O thread. */
@FunctionalInterface
public interface PeerCheck {
  /** Why this peer may not; empty where it may. The text goes to the agent's log alone. */
  Optional<String> objection(UnixPeer peer);

  /** Whoever reaches the socket: its folder decides. */
  static PeerCheck none() {
    return _ -> Optional.empty();
  }
}
