package dev.signet.agent.upstream;

/** The way up of an open session. After it has ended, everything said is dropped. */
public interface CaSession {
  /** Whether what was said before has left; {@link SessionEvents#ready} tells when it has. */
  boolean ready();

  void report(SessionReport changes);

  void heartbeat();

  void problem(SessionProblem problem);

  /** Ends it in good order; no events follow. */
  void close();

  /** Ends it at once, whatever the CA does; no events follow. */
  void abandon();
}
