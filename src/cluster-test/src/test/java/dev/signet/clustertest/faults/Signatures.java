package dev.signet.clustertest.faults;

import dev.signet.clustertest.lab.Signet;

/** What the CA has signed, and refused, since it started. */
final class Signatures {
  private Signatures() {}

  /** For workloads. An agent that starts again has its own SVID signed, and no other. */
  static double forWorkloads() {
    return Signet.caMetric("signet_issue_total", "kind=\"workload\",reason=\"none\"");
  }

  static double refused(String reason) {
    return Signet.caMetric("signet_issue_total", "kind=\"workload\",reason=\"" + reason + "\"");
  }
}
