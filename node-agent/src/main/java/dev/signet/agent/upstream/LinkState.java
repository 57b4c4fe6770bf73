package dev.signet.agent.upstream;

/** Where the link's state is shown: each condition holds, or does not for a reason. */
public interface LinkState {
  void attested();

  void notAttested(String reason);

  void sessionOpen();

  void sessionClosed(String reason);
}
