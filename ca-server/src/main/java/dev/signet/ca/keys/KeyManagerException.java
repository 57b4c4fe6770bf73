package dev.signet.ca.keys;

/**
 * A key that cannot be used. The message names the key, its place and what to do; never a secret.
 */
public final class KeyManagerException extends Exception {
  /** What is wrong. */
  public enum Problem {
    EXISTS,
    MISSING,
    /** Truncated, altered, or written by a newer release. */
    DAMAGED,
    /** A sound key of another name lies in its place. */
    SWAPPED,
    /** It was sealed with another key-encryption key. */
    OTHER_KEY_ENCRYPTION_KEY,
    /** The place where it lies does not answer. */
    UNAVAILABLE
  }

  private final Problem problem;

  public KeyManagerException(Problem problem, String message) {
    super(message);
    this.problem = problem;
  }

  public KeyManagerException(Problem problem, String message, Throwable cause) {
    super(message, cause);
    this.problem = problem;
  }

  public Problem problem() {
    return problem;
  }
}
