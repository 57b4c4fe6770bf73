package dev.signet.cli.trust;

/** There is no CA at the socket, or it does not answer. The message says why. */
public final class CaUnreachableException extends Exception {
  private static final long serialVersionUID = 1;

  public CaUnreachableException(String message) {
    super(message);
  }

  public CaUnreachableException(String message, Throwable cause) {
    super(message, cause);
  }
}
