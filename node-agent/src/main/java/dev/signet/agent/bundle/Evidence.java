package dev.signet.agent.bundle;

/** How sure it is that a consumer loaded what it was given; classes are never added up. */
public enum Evidence {
  /** It said so after it had swapped. */
  ACKNOWLEDGED,
  /** Written to its stream; it cannot say more. Sent, not loaded. */
  SENT,
  /** Of a pod: the agent holds it and has handed no leaf to anybody yet. */
  HELD,
  /** Of a pod: a leaf was handed out once, and no stream is open that was sent one. */
  UNSEEN
}
