package dev.signet.ca.rotation;

import dev.signet.ca.issuance.Validity;
import java.time.Duration;
import java.time.Instant;

/**
 * How long things live, and with that when a rotation has to begin.
 *
 * @param root how long a new root is to live
 * @param longestLeaf that policy allows, of workloads and of agents
 */
public record Lifetimes(Duration root, Duration longestLeaf) {
  /**
   * The longest that a gate can stay closed for the sake of consumers that say nothing: by then
   * whatever they hold has ended.
   */
  public Duration longestGate() {
    return longestLeaf.plus(Gates.GRACE);
  }

  /**
   * What a root must have left to be worth publishing: one gate until it signs, and the leaves that
   * it signs on that day.
   */
  Duration leastForPublishing() {
    return longestGate().multipliedBy(2);
  }

  /** What a root must have left to begin to sign: the leaves of its first day. */
  Duration leastForSigning() {
    return longestGate();
  }

  /**
   * From when on a root is to be replaced: when a third of its life is left, or four times the
   * longest gate if that is more (a rotation is two gates; the rest is for people), but not in the
   * first half of its life, else a short-lived root would be replaced without end.
   */
  public Instant replaceAt(Validity root) {
    Duration life = Duration.between(root.notBefore(), root.notAfter());
    Duration wanted = longer(life.dividedBy(3), longestGate().multipliedBy(4));
    Duration half = life.dividedBy(2);
    return root.notAfter().minus(wanted.compareTo(half) > 0 ? half : wanted);
  }

  /** From when on a rotation cannot be finished without leaves that are cut short. */
  public Instant tooLateAt(Validity root) {
    return root.notAfter().minus(longestGate());
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }
}
