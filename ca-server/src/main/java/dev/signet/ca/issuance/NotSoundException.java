package dev.signet.ca.issuance;

/** A certificate, made or about to be made, breaks a rule of ours. It goes nowhere. */
public final class NotSoundException extends Exception {
  public NotSoundException(String message) {
    super(message);
  }

  public NotSoundException(String message, Throwable cause) {
    super(message, cause);
  }
}
