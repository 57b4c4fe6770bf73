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
   * @param pod the pod of the token's namespace and pod name, empty if there is none
   */
  record Workload(
      AgentPeer caller,
      Optional<LiveAgent> liveAgent,
      TokenSubject token,
      Optional<PodState> pod,
      ProvenKey key)
      implements Facts {}

  /**
   * An agent asks for itself.
   *
   * @param token whose token was given
   * @param pod the pod of the token's namespace and pod name, empty if there is none
   * @param incumbent the agent that lives on the token's node so far, if it is another pod
   */
  record Agent(
      TokenSubject token, Optional<PodState> pod, Optional<Incumbent> incumbent, ProvenKey key)
      implements Facts {}

  /**
   * An agent that is in another's way.
   *
   * @param pod its pod as it is now, empty if there is none of that name
   */
  record Incumbent(LiveAgent agent, Optional<PodState> pod) {
    boolean exists() {
      return pod.filter(state -> state.uid().equals(agent.podUid()) && state.live()).isPresent();
    }
  }

  /** This server asks for its own serving certificate. */
  record Server(ProvenKey key) implements Facts {}
}
