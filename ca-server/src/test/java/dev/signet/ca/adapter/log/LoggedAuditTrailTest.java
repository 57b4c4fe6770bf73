package dev.signet.ca.adapter.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.signet.ca.audit.AuditEvent;
import dev.signet.ca.audit.Caller;
import dev.signet.ca.issuance.Attestation;
import dev.signet.ca.issuance.AttestationMode;
import dev.signet.ca.issuance.IssuedSvid;
import dev.signet.ca.issuance.Refusal;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.SvidKind;
import dev.signet.ca.issuance.TokenAudience;
import dev.signet.ca.issuance.TokenSubject;
import dev.signet.ca.issuance.World;
import dev.signet.spiffe.SpiffeId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LoggedAuditTrailTest {
  private static final Caller CALLER = new Caller("10.0.0.7", Optional.of(World.agent()));

  private final Logger logger = (Logger) LoggerFactory.getLogger("dev.signet.audit");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final LoggedAuditTrail audit = new LoggedAuditTrail();

  @BeforeEach
  void listen() {
    lines.start();
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    logger.addAppender(lines);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(lines);
    logger.setLevel(null);
    logger.setAdditive(true);
  }

  @Test
  void grant_oneLineWithAllFacts() {
    Attestation facts =
        new Attestation(
            AttestationMode.AGENT_REVIEW,
            "demo",
            "cart",
            "cart-1",
            "p1",
            "cart",
            "a1",
            "node-1",
            "n1",
            "JTI=1",
            "g1");
    audit.record(
        new AuditEvent.SvidIssued(
            SvidKind.WORKLOAD,
            new IssuedSvid(
                SpiffeId.parse("spiffe://shop.example/ns/cart/sa/cart"),
                List.of(),
                "5e",
                World.NOW),
            Optional.of(facts),
            CALLER,
            "ab".repeat(32),
            Duration.ofMillis(3)));

    assertThat(lines.list).hasSize(1);
    assertThat(lines.list.get(0).getFormattedMessage()).isEqualTo("svid issued");
    assertThat(fields())
        .containsEntry("kind", "WORKLOAD")
        .containsEntry("spiffe_id", "spiffe://shop.example/ns/cart/sa/cart")
        .containsEntry("serial", "5e")
        .containsEntry("not_after", "2026-11-25T12:00:00Z")
        .containsEntry("review", "agent")
        .containsEntry("cluster", "demo")
        .containsEntry("namespace", "cart")
        .containsEntry("pod", "cart-1")
        .containsEntry("pod_uid", "p1")
        .containsEntry("service_account", "cart")
        .containsEntry("service_account_uid", "a1")
        .containsEntry("node", "node-1")
        .containsEntry("node_uid", "n1")
        .containsEntry("credential_id", "JTI=1")
        .containsEntry("caller", "spiffe://shop.example/signet/agent/demo/node-1")
        .containsEntry("address", "10.0.0.7")
        .containsEntry("token_sha256", "ab".repeat(32))
        .containsEntry("took_ms", "3");
  }

  @Test
  void refusal_withReasonDetailAndSubject() throws Exception {
    TokenSubject subject =
        TokenSubject.of(
            World.cartReview(), World.CLUSTER, World.TRUST_DOMAIN, TokenAudience.WORKLOAD);
    audit.record(
        new AuditEvent.SvidRefused(
            SvidKind.WORKLOAD,
            Optional.of(AttestationMode.CA_REVIEW),
            Refusal.of(RefusalReason.NODE_MISMATCH, "the detail"),
            Optional.of(subject),
            CALLER,
            "ab".repeat(32),
            Duration.ZERO));

    assertThat(lines.list.get(0).getLevel()).isEqualTo(Level.WARN);
    assertThat(fields())
        .containsEntry("review", "ca")
        .containsEntry("reason", "NODE_MISMATCH")
        .containsEntry("detail", "the detail")
        .containsEntry("pod_uid", World.POD_UID)
        .containsEntry("service_account", "cart");
  }

  /** An agent chooses this text: it must not look like another line, or like another field. */
  @Test
  void foreignText_cannotEndALineOrBeginAField() {
    audit.record(
        new AuditEvent.AgentProblem(
            World.agent(), "X\nINFO audit: svid issued", "p\" reason=\"NONE", "d".repeat(5_000)));

    assertThat(fields().get("code")).doesNotContain("\n");
    assertThat(fields().get("pod_uid")).doesNotContain("\"");
    assertThat(fields().get("detail")).hasSizeLessThan(1_100);
  }

  @Test
  void everyOtherEvent_oneLine() {
    audit.record(
        new AuditEvent.CallRefused(
            "s/M",
            Refusal.of(RefusalReason.CALLER_NOT_AGENT, ""),
            new Caller("a", Optional.empty())));
    audit.record(new AuditEvent.SessionOpened(World.agent(), CALLER, "1", 2));
    audit.record(new AuditEvent.SessionEnded(World.agent(), CALLER, "why"));

    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly("call refused", "session opened", "session ended");
  }

  @Test
  void operatorsCall_whoWhyAndWhatCameOfIt() {
    audit.record(
        new AuditEvent.OperatorAsked(
            "override", "uid 0", "node\nburned", "STILL_NEEDED", "by two"));
    assertThat(lines.list.get(0).getLevel()).isEqualTo(Level.WARN);
    assertThat(fields())
        .containsEntry("what", "override")
        .containsEntry("who", "uid 0")
        .containsEntry("why", "node\\nburned")
        .containsEntry("outcome", "STILL_NEEDED")
        .containsEntry("detail", "by two");

    audit.record(new AuditEvent.OperatorAsked("start", "uid 0", "", "DONE", ""));
    assertThat(lines.list.get(1).getLevel()).isEqualTo(Level.INFO);
    assertThat(fields()).containsOnlyKeys("what", "who", "outcome");
  }

  private Map<String, String> fields() {
    return lines.list.get(lines.list.size() - 1).getKeyValuePairs().stream()
        .collect(Collectors.toMap(pair -> pair.key, pair -> String.valueOf(pair.value)));
  }
}
