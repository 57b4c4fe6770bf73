package dev.signet.ca.issuance;

import java.util.Optional;

/** All that a decision rests on besides policy and time. */
public sealed interface Facts {
  /** The key that the SVID is to be for. */
  ProvenKey key();

  /**
   * A node agent asks for a pod.
   *
   * @param caller who asks, as its certificate says
   * @param liveAgent which agent lives on the caller's node, read when the other facts were there
   * @param token whose token was given
   * @param evidence what this CA found out about the pod
   * @param agentReview what the agent says that the API server answered to it; empty where it says
   *     nothing
   */
  record Workload(
      AgentPeer caller,
      Optional<LiveAgent> liveAgent,
      TokenSubject token,
      PodEvidence evidence,
      Optional<TokenReview> agentReview,
      ProvenKey key)
      implements Facts {}

  /**
   * An agent asks for itself.
   *
   * @param token whose token was given
   * @param evidence what this CA found out about the agent's pod
   * @param incumbent the agent that lives on the token's node so far, if it is another pod
   */
  record Agent(
      TokenSubject token, PodEvidence evidence, Optional<Incumbent> incumbent, ProvenKey key)
      implements Facts {}

  /** An agent that is in another's way. */
  sealed interface Incumbent {
    LiveAgent agent();

    /**
     * Its pod was looked for.
     *
     * @param pod as it is now, empty if there is none of that name
     */
    record Read(LiveAgent agent, Optional<PodState> pod) implements Incumbent {
      boolean exists() {
        return pod.filter(state -> state.uid().equals(agent.podUid()) && state.live()).isPresent();
      }
    }

    /** Nobody can look for its pod. */
    record Unseen(LiveAgent agent) implements Incumbent {}
  }

  /** This server asks for its own serving certificate. */
  record Server(ProvenKey key) implements Facts {}
}
