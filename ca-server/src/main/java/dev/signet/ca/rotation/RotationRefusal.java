package dev.signet.ca.rotation;

/** Why a step is not made. The set is closed; each value says what to do instead. */
public enum RotationRefusal {
  NO_SUCH_AUTHORITY("There is no authority of that name: signet authority list names them."),
  NO_SUCH_NODE("No agent of that node was ever attested: signet agent list names them."),
  ALREADY_DONE("It is so already; nothing is to be done."),
  ROTATION_UNDER_WAY(
      "A rotation is under way, and there is one at a time: signet rotate watch shows it, signet rotate abort gives it up."),
  NO_ROTATION("No rotation is under way: signet rotate start begins one."),
  WRONG_STATE(
      "The authority is in a state in which this cannot be: signet authority list shows it."),
  STILL_SIGNS(
      "It signs, or is the only root: rotate first, or taint it, which brings the next one."),
  TOO_LATE_TO_ABORT("The new root signs already; there is no way back but another rotation."),
  STILL_NEEDED(
      "Somebody needs it still: signet rotate plan names them. They leave by themselves when their last leaf has ended; with --override and a reason it is done"
          + " without them."),
  REASON_MISSING("An override is kept for ever with its reason: give one with --reason."),
  NOT_LONG_ENOUGH("The root would end before the leaves that it is to vouch for."),
  STATE_CHANGED("Somebody else made a step at the same moment: look again, then decide."),
  KEY_NOT_MADE("The new root's key or certificate is not complete yet; it is being made.");

  private final String hint;

  RotationRefusal(String hint) {
    this.hint = hint;
  }

  /** For the operator: what to do instead. */
  public String hint() {
    return hint;
  }
}
