package dev.signet.process;

/**
 * The process does not start, on purpose: something it needs is missing or wrong, and going on
 * would do harm. The message says what, and what to do; it is printed as it stands, without a stack
 * trace.
 */
public final class StartRefusedException extends Exception {
  private static final long serialVersionUID = 1;

  public StartRefusedException(String message) {
    super(message);
  }

  public StartRefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
