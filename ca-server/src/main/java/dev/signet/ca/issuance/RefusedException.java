package dev.signet.ca.issuance;

/**
 * The one way in which a refusal crosses layers; it becomes an answer at the edge and is logged
 * there, once.
 */
public final class RefusedException extends Exception {
  private final transient Refusal refusal;

  public RefusedException(Refusal refusal) {
    super(refusal.reason() + ": " + refusal.detail());
    this.refusal = refusal;
  }

  public RefusedException(RefusalReason reason, String detail) {
    this(Refusal.of(reason, detail));
  }

  public RefusedException(RefusalReason reason, String detail, Throwable cause) {
    this(Refusal.of(reason, detail));
    initCause(cause);
  }

  public Refusal refusal() {
    return refusal;
  }
}
