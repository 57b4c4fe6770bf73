package dev.signet.ca.authority;

/**
 * The CA does not start, or is not set up. The message is for the operator: which part is wrong and
 * how to put it right. Nothing was made in the place of what is missing.
 */
public final class StartRefusedException extends Exception {
  public StartRefusedException(String message) {
    super(message);
  }

  public StartRefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
