package dev.signet.agent.upstream;

import dev.signet.agent.svid.SvidAuthority;
import dev.signet.agent.svid.SvidRequest;
import java.util.List;

/** One connection to the CA under one SVID of the agent. */
public interface CaConnection {
  void issue(List<SvidRequest> batch, SvidAuthority.Answers answers);

  /** Opens the session with the agent's full state. */
  CaSession open(SessionReport state, SessionEvents events);

  /** Takes no new calls, lets those under way end, at most their deadline, and closes. */
  void drain();
}
