package dev.signet.ca.issuance;

/** Every kind of certificate that is recorded. */
public enum CertificateKind {
  ROOT,
  AUTHORITY,
  WORKLOAD,
  AGENT,
  SERVER;

  static CertificateKind of(SvidKind kind) {
    return switch (kind) {
      case WORKLOAD -> WORKLOAD;
      case AGENT -> AGENT;
      case SERVER -> SERVER;
    };
  }
}
