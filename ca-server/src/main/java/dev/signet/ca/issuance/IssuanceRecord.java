package dev.signet.ca.issuance;

import dev.signet.spiffe.SpiffeId;
import java.time.Instant;
import java.util.Optional;

/**
 * That a certificate is about to be signed, and on what grounds. It is durable before the key is
 * used.
 *
 * @param serial lower-case hex
 * @param tbsSha256 lower-case hex SHA-256 of what is signed
 * @param authorityKeyId the key that signs
 * @param recordedAt by the CA's clock
 * @param attestation the reviewed facts; empty for the CA's own certificates
 * @param replacesAgentPod for an agent: the UID of an earlier agent pod of its node that may be
 *     replaced
 */
public record IssuanceRecord(
    String serial,
    CertificateKind kind,
    SpiffeId id,
    String tbsSha256,
    String authorityKeyId,
    Validity validity,
    Instant recordedAt,
    Optional<Attestation> attestation,
    Optional<String> replacesAgentPod) {
  public IssuanceRecord {
    boolean attested = kind == CertificateKind.WORKLOAD || kind == CertificateKind.AGENT;
    if (attested != attestation.isPresent()) {
      throw new IllegalArgumentException(
          kind + (attested ? " needs an attestation" : " has no attestation"));
    }
    if (replacesAgentPod.isPresent() && kind != CertificateKind.AGENT) {
      throw new IllegalArgumentException("only an agent replaces an agent");
    }
  }

  /** Of a certificate of the CA's own. */
  public static IssuanceRecord of(LintedTbs tbs, CertificateKind kind, Signer signer, Instant now) {
    return of(tbs, kind, signer, now, Optional.empty(), Optional.empty());
  }

  static IssuanceRecord of(
      LintedTbs tbs,
      CertificateKind kind,
      Signer signer,
      Instant now,
      Optional<Attestation> attestation,
      Optional<String> replacesAgentPod) {
    CertificateContent content = tbs.content();
    return new IssuanceRecord(
        content.serial().hex(),
        kind,
        content.id(),
        tbs.sha256(),
        signer.keyId().value(),
        content.validity(),
        now,
        attestation,
        replacesAgentPod);
  }
}
