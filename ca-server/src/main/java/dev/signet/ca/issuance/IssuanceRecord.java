package dev.signet.ca.issuance;

import dev.signet.spiffe.SpiffeId;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

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
 * @param stateVersion of the trust state by which a leaf's signer works: under another one than the
 *     store's it is refused. None for roots and issuing authorities, which the store looks at again
 *     when they are completed
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
    Optional<String> replacesAgentPod,
    OptionalLong stateVersion) {
  public IssuanceRecord {
    boolean attested = kind == CertificateKind.WORKLOAD || kind == CertificateKind.AGENT;
    if (attested != attestation.isPresent()) {
      throw new IllegalArgumentException(
          kind + (attested ? " needs an attestation" : " has no attestation"));
    }
    if (replacesAgentPod.isPresent() && kind != CertificateKind.AGENT) {
      throw new IllegalArgumentException("only an agent replaces an agent");
    }
    boolean leaf = attested || kind == CertificateKind.SERVER;
    if (leaf != stateVersion.isPresent()) {
      throw new IllegalArgumentException(
          kind + (leaf ? " is signed by a version" : " is signed by no version"));
    }
  }

  /** Of a root or an issuing authority. */
  public static IssuanceRecord of(LintedTbs tbs, CertificateKind kind, Signer signer, Instant now) {
    return of(tbs, kind, signer, now, Optional.empty(), Optional.empty(), OptionalLong.empty());
  }

  static IssuanceRecord of(
      LintedTbs tbs,
      CertificateKind kind,
      Signer signer,
      Instant now,
      Optional<Attestation> attestation,
      Optional<String> replacesAgentPod,
      OptionalLong stateVersion) {
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
        replacesAgentPod,
        stateVersion);
  }
}
