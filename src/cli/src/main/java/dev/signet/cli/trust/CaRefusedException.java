package dev.signet.cli.trust;

/** The CA was asked and does not do it; nothing has changed. */
public final class CaRefusedException extends Exception {
  private static final long serialVersionUID = 1;

  private final String reason;
  private final String detail;
  private final String hint;

  /**
   * @param reason a code
   * @param detail what was so; may be empty
   * @param hint what to do instead; may be empty
   */
  public CaRefusedException(String reason, String detail, String hint) {
    super(reason + ": " + detail);
    this.reason = reason;
    this.detail = detail;
    this.hint = hint;
  }

  public String reason() {
    return reason;
  }

  public String detail() {
    return detail;
  }

  public String hint() {
    return hint;
  }

  /** What, why and what to do instead. */
  public String sentence() {
    StringBuilder text = new StringBuilder("refused, ").append(reason);
    if (!detail.isBlank()) {
      text.append(": ").append(detail);
    }
    if (!hint.isBlank()) {
      text.append(text.toString().endsWith(".") ? " " : ". ").append(hint);
    }
    return text.toString();
  }
}
