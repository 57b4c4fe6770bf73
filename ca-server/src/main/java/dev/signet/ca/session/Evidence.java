package dev.signet.ca.session;

/** How sure it is that a consumer loaded what it was given; never added up as if one. */
public enum Evidence {
  /** The consumer said so after it had swapped. */
  ACKNOWLEDGED,
  /** Written to a stream whose client cannot say so: sent, not loaded. */
  SENT
}
