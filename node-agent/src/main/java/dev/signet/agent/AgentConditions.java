package dev.signet.agent;

import dev.signet.agent.adapter.csi.RegistrationListener;
import dev.signet.agent.upstream.LinkState;
import dev.signet.process.probe.Readiness;
import java.util.Optional;
import java.util.function.Consumer;

/** What must hold for the agent to be ready, each shown by itself. Thread-safe. */
final class AgentConditions implements LinkState, RegistrationListener {
  private final Readiness readiness;
  private final Readiness.Condition attested;
  private final Readiness.Condition session;
  private final Readiness.Condition registered;

  AgentConditions(Readiness readiness) {
    this.readiness = readiness;
    attested = readiness.condition("attested", "the CA has given this agent no SVID yet");
    session = readiness.condition("ca-session", "no session with the CA yet");
    registered = readiness.condition("csi-registered", "kubelet has not registered the driver yet");
  }

  /**
   * One condition more, for an agent that reviews tokens. It holds until a review gets no answer:
   * nothing is asked before there is a pod.
   *
   * @return told what is wrong, or that nothing is
   */
  Consumer<Optional<String>> reviews() {
    Readiness.Condition reviews = readiness.condition("token-review", "");
    reviews.ready();
    return problem -> problem.ifPresentOrElse(reviews::notReady, reviews::ready);
  }

  @Override
  public void attested() {
    attested.ready();
  }

  @Override
  public void notAttested(String reason) {
    attested.notReady(reason);
  }

  @Override
  public void sessionOpen() {
    session.ready();
  }

  @Override
  public void sessionClosed(String reason) {
    session.notReady("the session with the CA ended: " + reason);
  }

  @Override
  public void registered() {
    registered.ready();
  }

  @Override
  public void refused(String error) {
    registered.notReady("kubelet refused the driver: " + error);
  }
}
