package dev.signet.cli.cluster;

/** The cluster could not be talked to. The message says why, and what to do. */
public final class UnreachableException extends Exception {
  private static final long serialVersionUID = 1L;

  public UnreachableException(String message) {
    super(message);
  }

  public UnreachableException(String message, Throwable cause) {
    super(message, cause);
  }
}
