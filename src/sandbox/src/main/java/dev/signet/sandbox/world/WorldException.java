package dev.signet.sandbox.world;

/**
 * Something of the world did not start or did not answer; the message says what and where its log
 * is.
 */
public final class WorldException extends RuntimeException {
  public WorldException(String message) {
    super(message);
  }

  public WorldException(String message, Throwable cause) {
    super(message, cause);
  }
}
