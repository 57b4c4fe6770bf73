package dev.signet.ca.rotation;

/** A step that is not made; nothing has changed. */
public final class RotationRefusedException extends Exception {
  private static final long serialVersionUID = 1;

  private final RotationRefusal reason;

  public RotationRefusedException(RotationRefusal reason, String detail) {
    super(detail);
    this.reason = reason;
  }

  public RotationRefusal reason() {
    return reason;
  }
}
