package dev.signet.ca.issuance;

import dev.signet.spiffe.SpiffeId;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/** Issuance records to write. */
public final class Records {
  public static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");
  private static final SecureRandom RANDOM = new SecureRandom();

  private Records() {}

  public static Attestation attestation(String node, String podUid) {
    return new Attestation(
        AttestationMode.CA_REVIEW,
        "demo",
        "shop",
        "pod-of-" + podUid,
        podUid,
        "cart",
        "account-uid",
        node,
        node + "-uid",
        "credential",
        "agent-uid");
  }

  public static IssuanceRecord workload(String serial) {
    return record(
        serial, CertificateKind.WORKLOAD, attestation("node-1", "pod-1"), Optional.empty());
  }

  /** One that rests on the word of an agent. */
  public static IssuanceRecord agentReviewed() {
    Attestation by = attestation("node-1", "pod-1");
    return record(
        SerialNumber.random(RANDOM).hex(),
        CertificateKind.WORKLOAD,
        new Attestation(
            AttestationMode.AGENT_REVIEW,
            by.cluster(),
            by.namespace(),
            by.podName(),
            by.podUid(),
            by.serviceAccount(),
            by.serviceAccountUid(),
            by.nodeName(),
            by.nodeUid(),
            by.credentialId(),
            by.agentPodUid()),
        Optional.empty());
  }

  public static IssuanceRecord workload() {
    return workload(SerialNumber.random(RANDOM).hex());
  }

  public static IssuanceRecord agent(String node, String podUid, Optional<String> replaces) {
    return record(
        SerialNumber.random(RANDOM).hex(),
        CertificateKind.AGENT,
        attestation(node, podUid),
        replaces);
  }

  public static IssuanceRecord server(String authorityKeyId, Instant recordedAt) {
    return new IssuanceRecord(
        SerialNumber.random(RANDOM).hex(),
        CertificateKind.SERVER,
        SpiffeId.parse("spiffe://shop.example/signet/ca"),
        "00".repeat(32),
        authorityKeyId,
        new Validity(recordedAt, recordedAt.plus(Duration.ofHours(1))),
        recordedAt,
        Optional.empty(),
        Optional.empty(),
        OptionalLong.of(0));
  }

  private static IssuanceRecord record(
      String serial, CertificateKind kind, Attestation attestation, Optional<String> replaces) {
    return new IssuanceRecord(
        serial,
        kind,
        SpiffeId.parse("spiffe://shop.example/ns/shop/sa/cart"),
        "ab".repeat(32),
        "authority-1",
        new Validity(NOW, NOW.plus(Duration.ofHours(1))),
        NOW,
        Optional.of(attestation),
        replaces,
        OptionalLong.of(0));
  }

  /** The same, signed by a version of the trust state; all others are by that of a new store. */
  public static IssuanceRecord at(long version, IssuanceRecord record) {
    return new IssuanceRecord(
        record.serial(),
        record.kind(),
        record.id(),
        record.tbsSha256(),
        record.authorityKeyId(),
        record.validity(),
        record.recordedAt(),
        record.attestation(),
        record.replacesAgentPod(),
        OptionalLong.of(version));
  }

  /** Of an issuing authority: it is signed by no version. */
  public static IssuanceRecord authority(String rootKeyId) {
    return new IssuanceRecord(
        SerialNumber.random(RANDOM).hex(),
        CertificateKind.AUTHORITY,
        SpiffeId.parse("spiffe://shop.example"),
        "00".repeat(32),
        rootKeyId,
        new Validity(NOW, NOW.plus(Duration.ofHours(24))),
        NOW,
        Optional.empty(),
        Optional.empty(),
        OptionalLong.empty());
  }

  /** A pod's leaf. */
  public static IssuanceRecord leaf(
      String node, String podUid, String issuer, Instant recordedAt, Instant notAfter) {
    return signed(
        CertificateKind.WORKLOAD, attestation(node, podUid), issuer, recordedAt, notAfter);
  }

  /** An agent's SVID. */
  public static IssuanceRecord agent(
      String node, String podUid, String issuer, Instant recordedAt, Instant notAfter) {
    return signed(CertificateKind.AGENT, attestation(node, podUid), issuer, recordedAt, notAfter);
  }

  private static IssuanceRecord signed(
      CertificateKind kind,
      Attestation attestation,
      String issuer,
      Instant recordedAt,
      Instant notAfter) {
    return new IssuanceRecord(
        SerialNumber.random(RANDOM).hex(),
        kind,
        SpiffeId.parse("spiffe://shop.example/ns/shop/sa/cart"),
        "ab".repeat(32),
        issuer,
        new Validity(recordedAt, notAfter),
        recordedAt,
        Optional.of(attestation),
        Optional.empty(),
        OptionalLong.of(0));
  }
}
