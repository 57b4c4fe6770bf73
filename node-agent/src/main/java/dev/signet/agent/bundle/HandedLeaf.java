package dev.signet.agent.bundle;

/**
 * A leaf as one pod's consumers know it.
 *
 * @param serial lower-case hex
 * @param order rises with each leaf that is handed to the pod: serial numbers are drawn by lot and
 *     say nothing of age
 */
public record HandedLeaf(String serial, long order) {
  /** No leaf: of who takes the bundle alone, or was sent nothing yet. */
  public static final HandedLeaf NONE = new HandedLeaf("", Long.MAX_VALUE);

  /**
   * One that was never handed to the pod, or so long ago that it is not remembered: older than all
   * others. No certificate has this serial (RFC 5280 section 4.1.2.2).
   */
  public static final HandedLeaf UNKNOWN = new HandedLeaf("0", -1);

  /** The older of two; none is no leaf and never the older. */
  public static HandedLeaf older(HandedLeaf one, HandedLeaf other) {
    return one.order <= other.order ? one : other;
  }
}
