package dev.signet.ca.attestation;

import java.time.Duration;

/**
 * How much is asked of the API server.
 *
 * @param deadline from the begin of an attestation to its facts, waiting included
 * @param concurrentCalls in all
 * @param waitingCalls beyond these, a new one is refused at once
 */
public record AttestationLimits(Duration deadline, int concurrentCalls, int waitingCalls) {
  /**
   * The API server answers a review or a read in about a millisecond; 64 at a time keep it busy and
   * leave the priority levels of other clients alone.
   */
  public static final AttestationLimits FOR_WORKLOADS =
      new AttestationLimits(Duration.ofSeconds(10), 64, 16_384);

  /**
   * Anybody can ask for an agent's attestation: a flood of such must not take what is there for the
   * pods of agents that are known (THREATS T27).
   */
  public static final AttestationLimits FOR_AGENTS =
      new AttestationLimits(Duration.ofSeconds(10), 8, 1_024);
}
