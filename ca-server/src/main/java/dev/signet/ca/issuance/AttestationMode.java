package dev.signet.ca.issuance;

import java.util.Arrays;
import java.util.Optional;

/**
 * Who asks a cluster's API server about tokens. It stands in the record of every SVID, since the
 * two are not equally strong.
 */
public enum AttestationMode {
  /** This CA: it reviews each token and reads each pod itself. */
  CA_REVIEW("ca"),
  /**
   * The cluster's agents, because this CA cannot reach the API server: it verifies the cluster's
   * signature on each token, and takes an agent's word that the pod is still there.
   */
  AGENT_REVIEW("agent");

  private final String word;

  AttestationMode(String word) {
    this.word = word;
  }

  /** As it is written in configurations, logs and metrics. */
  public String word() {
    return word;
  }

  /** The mode of that word; empty where it is none. */
  public static Optional<AttestationMode> of(String word) {
    return Arrays.stream(values()).filter(mode -> mode.word.equals(word)).findFirst();
  }
}
