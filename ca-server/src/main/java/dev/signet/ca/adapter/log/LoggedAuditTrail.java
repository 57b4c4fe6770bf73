package dev.signet.ca.adapter.log;

import dev.signet.ca.audit.AuditEvent;
import dev.signet.ca.audit.AuditTrail;
import dev.signet.ca.audit.Caller;
import dev.signet.ca.issuance.Attestation;
import dev.signet.ca.issuance.AttestationMode;
import dev.signet.ca.issuance.Refusal;
import dev.signet.ca.issuance.TokenSubject;
import dev.signet.process.message.Printable;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One line an event to the logger {@code dev.signet.audit}, the facts in named fields. Foreign text
 * is escaped, so that it cannot end a line or begin a field. Thread-safe.
 */
public final class LoggedAuditTrail implements AuditTrail {
  private static final Logger log = LoggerFactory.getLogger("dev.signet.audit");

  @Override
  public void record(AuditEvent event) {
    switch (event) {
      case AuditEvent.SvidIssued issued -> issued(issued);
      case AuditEvent.SvidRefused refused -> refused(refused);
      case AuditEvent.CallRefused refused ->
          new Line(Level.WARN)
              .field(Field.METHOD, refused.method())
              .caller(refused.caller())
              .refusal(refused.refusal())
              .write("call refused");
      case AuditEvent.SessionOpened opened ->
          new Line(Level.INFO)
              .caller(opened.caller())
              .field(Field.AGENT_VERSION, opened.version())
              .field(Field.PODS, Integer.toString(opened.pods()))
              .write("session opened");
      case AuditEvent.SessionEnded ended ->
          new Line(Level.INFO)
              .caller(ended.caller())
              .field(Field.WHY, ended.why())
              .write("session ended");
      case AuditEvent.AgentProblem problem ->
          new Line(Level.WARN)
              .field(Field.CALLER, problem.agent().id().toString())
              .field(Field.CODE, problem.code())
              .field(Field.POD_UID, problem.podUid())
              .field(Field.DETAIL, problem.detail())
              .write("agent reports a problem");
      case AuditEvent.OperatorAsked asked ->
          new Line(asked.outcome().equals("DONE") ? Level.INFO : Level.WARN)
              .field(Field.WHAT, asked.what())
              .field(Field.WHO, asked.who())
              .field(Field.WHY, asked.why())
              .field(Field.OUTCOME, asked.outcome())
              .field(Field.DETAIL, asked.detail())
              .write("operator asked");
    }
  }

  private static void issued(AuditEvent.SvidIssued issued) {
    Line line =
        new Line(Level.INFO)
            .field(Field.KIND, issued.kind().name())
            .field(Field.ID, issued.svid().id().toString())
            .field(Field.SERIAL, issued.svid().serial())
            .field(Field.NOT_AFTER, issued.svid().notAfter().toString());
    issued.attestation().ifPresent(line::attestation);
    line.caller(issued.caller())
        .field(Field.TOKEN_SHA256, issued.tokenSha256())
        .took(issued.took())
        .write("svid issued");
  }

  private static void refused(AuditEvent.SvidRefused refused) {
    Line line =
        new Line(Level.WARN).field(Field.KIND, refused.kind().name()).refusal(refused.refusal());
    refused.mode().ifPresent(line::review);
    refused.subject().ifPresent(line::subject);
    line.caller(refused.caller())
        .field(Field.TOKEN_SHA256, refused.tokenSha256())
        .took(refused.took())
        .write("svid refused");
  }

  /** Names of the fields; those who search the log rely on them. */
  private static final class Field {
    static final String METHOD = "method";
    static final String KIND = "kind";
    static final String ID = "spiffe_id";
    static final String SERIAL = "serial";
    static final String NOT_AFTER = "not_after";
    static final String REASON = "reason";
    static final String DETAIL = "detail";
    static final String REVIEW = "review";
    static final String CLUSTER = "cluster";
    static final String NAMESPACE = "namespace";
    static final String POD = "pod";
    static final String POD_UID = "pod_uid";
    static final String ACCOUNT = "service_account";
    static final String ACCOUNT_UID = "service_account_uid";
    static final String NODE = "node";
    static final String NODE_UID = "node_uid";
    static final String CREDENTIAL_ID = "credential_id";
    static final String CALLER = "caller";
    static final String CALLER_SERIAL = "caller_serial";
    static final String ADDRESS = "address";
    static final String TOKEN_SHA256 = "token_sha256";
    static final String TOOK_MS = "took_ms";
    static final String AGENT_VERSION = "agent_version";
    static final String PODS = "pods";
    static final String WHY = "why";
    static final String CODE = "code";
    static final String WHAT = "what";
    static final String WHO = "who";
    static final String OUTCOME = "outcome";
  }

  /** One line in the making. */
  private static final class Line {
    private LoggingEventBuilder builder;

    Line(Level level) {
      this.builder = log.atLevel(level);
    }

    Line field(String name, String value) {
      if (!value.isEmpty()) {
        builder = builder.addKeyValue(name, Printable.line(value).replace('"', '\''));
      }
      return this;
    }

    Line refusal(Refusal refusal) {
      return field(Field.REASON, refusal.reason().name()).field(Field.DETAIL, refusal.detail());
    }

    Line caller(Caller caller) {
      caller
          .agent()
          .ifPresent(agent ->
              field(Field.CALLER, agent.id().toString())
                  .field(Field.CALLER_SERIAL, agent.serial()));
      return field(Field.ADDRESS, caller.address());
    }

    /** Who asked the API server. */
    Line review(AttestationMode mode) {
      return field(Field.REVIEW, mode.word());
    }

    Line took(Duration took) {
      return field(Field.TOOK_MS, Long.toString(took.toMillis()));
    }

    Line attestation(Attestation facts) {
      return review(facts.mode())
          .field(Field.CLUSTER, facts.cluster())
          .field(Field.NAMESPACE, facts.namespace())
          .field(Field.POD, facts.podName())
          .field(Field.POD_UID, facts.podUid())
          .field(Field.ACCOUNT, facts.serviceAccount())
          .field(Field.ACCOUNT_UID, facts.serviceAccountUid())
          .field(Field.NODE, facts.nodeName())
          .field(Field.NODE_UID, facts.nodeUid())
          .field(Field.CREDENTIAL_ID, facts.credentialId());
    }

    Line subject(TokenSubject subject) {
      return field(Field.CLUSTER, subject.cluster())
          .field(Field.NAMESPACE, subject.account().namespace())
          .field(Field.POD, subject.podName())
          .field(Field.POD_UID, subject.podUid())
          .field(Field.ACCOUNT, subject.account().name())
          .field(Field.ACCOUNT_UID, subject.accountUid())
          .field(Field.NODE, subject.nodeName())
          .field(Field.NODE_UID, subject.nodeUid())
          .field(Field.CREDENTIAL_ID, subject.credentialId());
    }

    void write(String what) {
      builder.log(what);
    }
  }
}
