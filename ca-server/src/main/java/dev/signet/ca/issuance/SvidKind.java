package dev.signet.ca.issuance;

/** Whom an SVID is for. */
public enum SvidKind {
  WORKLOAD,
  AGENT,
  SERVER
}
