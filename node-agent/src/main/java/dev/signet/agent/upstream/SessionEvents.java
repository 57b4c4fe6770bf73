package dev.signet.agent.upstream;

import dev.signet.agent.pod.PodUid;
import dev.signet.agent.svid.Refusal;
import dev.signet.spiffe.X509Bundle;
import java.util.Set;

/** What comes down a session, on the agent's loop. */
public interface SessionEvents {
  void bundle(long revision, X509Bundle bundle);

  /** A bundle that is none; the message says why. */
  void unreadableBundle(String message);

  void removal(PodUid pod, String cause);

  /**
   * Which leaves are to be replaced now; it replaces the order before.
   *
   * @param issuers key identifiers of issuing authorities, lower-case hex; empty for none
   */
  void reissue(Set<String> issuers);

  /** What was said has left; more may be said. */
  void ready();

  /** The session is over, for this reason. */
  void ended(Refusal cause);
}
