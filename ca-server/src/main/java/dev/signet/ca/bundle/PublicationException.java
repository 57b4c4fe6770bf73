package dev.signet.ca.bundle;

import org.jspecify.annotations.Nullable;

/** The bundle could not be looked at or published now. The message says why and what mends it. */
public final class PublicationException extends Exception {
  private static final long serialVersionUID = 1;

  private final boolean changedMeanwhile;

  private PublicationException(
      String message, @Nullable Throwable cause, boolean changedMeanwhile) {
    super(message, cause);
    this.changedMeanwhile = changedMeanwhile;
  }

  public PublicationException(String message) {
    this(message, null, false);
  }

  public PublicationException(String message, Throwable cause) {
    this(message, cause, false);
  }

  /** Somebody else wrote between the look and the write: look again. */
  public static PublicationException changedMeanwhile(String place) {
    return new PublicationException(place + " is changed by others all the time", null, true);
  }

  public boolean isChangedMeanwhile() {
    return changedMeanwhile;
  }
}
