package dev.signet.ca.issuance;

import dev.signet.spiffe.SpiffeId;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

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
        Optional.empty());
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
        replaces);
  }
}
