package dev.signet.agent.bundle;

/** How sure it is that a consumer loaded what it was given. */
public enum Evidence {
  /** It said so after it had swapped. */
  ACKNOWLEDGED,
  /** Written to its stream; it cannot say more. Sent, not loaded. */
  SENT
}
