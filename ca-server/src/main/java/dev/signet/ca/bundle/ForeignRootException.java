package dev.signet.ca.bundle;

/** What is published belongs to another root than this CA's. The message says what to do. */
public final class ForeignRootException extends Exception {
  private static final long serialVersionUID = 1;

  public ForeignRootException(String message) {
    super(message);
  }
}
