package dev.signet.ca.issuance;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What was decided to be issued. Only this package can make one, and it can be redeemed for one
 * certificate only. Thread-safe.
 */
public final class Granted implements Decision {
  private final SvidKind kind;
  private final LeafTemplate template;
  private final Optional<Attestation> attestation;
  private final Optional<String> replacesAgentPod;
  private final AtomicBoolean redeemed = new AtomicBoolean();

  Granted(
      SvidKind kind,
      LeafTemplate template,
      Optional<Attestation> attestation,
      Optional<String> replacesAgentPod) {
    this.kind = kind;
    this.template = template;
    this.attestation = attestation;
    this.replacesAgentPod = replacesAgentPod;
  }

  public SvidKind kind() {
    return kind;
  }

  public LeafTemplate template() {
    return template;
  }

  /** Empty for the server's own SVID. */
  public Optional<Attestation> attestation() {
    return attestation;
  }

  /**
   * For an agent: the UID of an earlier agent pod of its node that was seen to be gone or
   * terminating and may be replaced.
   */
  public Optional<String> replacesAgentPod() {
    return replacesAgentPod;
  }

  /** Marks it as used; true for the first caller alone. */
  boolean redeem() {
    return redeemed.compareAndSet(false, true);
  }
}
