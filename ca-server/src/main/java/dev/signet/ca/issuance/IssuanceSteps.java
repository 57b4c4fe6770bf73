package dev.signet.ca.issuance;

/**
 * Told of each step as it is done, on the thread that did it. Drills stop the process in it; in
 * production it is {@link #NONE}. Implementations are thread-safe.
 */
@FunctionalInterface
public interface IssuanceSteps {
  IssuanceSteps NONE = step -> {};

  void reached(IssuanceStep step);
}
