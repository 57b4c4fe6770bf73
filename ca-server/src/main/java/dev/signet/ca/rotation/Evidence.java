package dev.signet.ca.rotation;

/** How sure it is that a consumer loaded what it was given; never added up as if one. */
public enum Evidence {
  /** The consumer said so after it had swapped. */
  ACKNOWLEDGED,
  /** Written to a stream whose client cannot say so: sent, not loaded. */
  SENT,
  /** The agent holds it for the pod and has handed it to nobody yet. */
  HELD,
  /** Handed out once, and no stream is open: who has it now, nobody can say. */
  UNSEEN
}
