package dev.signet.ca.session;

/**
 * Consumers of one class of evidence.
 *
 * @param holding those that hold the agent's revision
 * @param total all
 */
public record Holding(long holding, long total) {
  public Holding {
    if (holding < 0 || total < holding) {
      throw new IllegalArgumentException(holding + " of " + total + " cannot be");
    }
  }
}
