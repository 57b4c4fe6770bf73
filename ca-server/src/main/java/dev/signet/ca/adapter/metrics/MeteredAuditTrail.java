package dev.signet.ca.adapter.metrics;

import dev.signet.ca.audit.AuditEvent;
import dev.signet.ca.audit.AuditTrail;
import dev.signet.ca.issuance.Attestation;
import dev.signet.ca.issuance.AttestationMode;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.SvidKind;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** Counts grants and refusals, by kind and reason. Thread-safe. */
public final class MeteredAuditTrail implements AuditTrail {
  private final MeterRegistry registry;

  public MeteredAuditTrail(MeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void record(AuditEvent event) {
    switch (event) {
      case AuditEvent.SvidIssued issued ->
          count(
              issued.kind().name(),
              "issued",
              "none",
              review(issued.attestation().map(Attestation::mode)),
              issued.took());
      case AuditEvent.SvidRefused refused ->
          count(
              refused.kind().name(),
              "refused",
              shed(refused.refusal().reason()),
              review(refused.mode()),
              refused.took());
      case AuditEvent.CallRefused refused -> {
        String method = refused.method().substring(refused.method().lastIndexOf('/') + 1);
        registry
            .counter(
                "signet.call.refused", "method", method, "reason", shed(refused.refusal().reason()))
            .increment();
      }
      case AuditEvent.AgentProblem _ -> registry.counter("signet.agent.problems").increment();
      case AuditEvent.SessionOpened _, AuditEvent.SessionEnded _, AuditEvent.OperatorAsked _ -> {}
    }
  }

  private static String review(Optional<AttestationMode> mode) {
    return mode.map(AttestationMode::word).orElse("none");
  }

  private void count(String kind, String result, String reason, String review, Duration took) {
    String lower = SvidKind.valueOf(kind).name().toLowerCase(Locale.ROOT);
    Counter.builder("signet.issue")
        .description("SVIDs asked for, by what came of it")
        .tags("kind", lower, "result", result, "reason", reason, "review", review)
        .register(registry)
        .increment();
    Timer.builder("signet.issue.seconds")
        .description("From the request to its answer")
        .tags("kind", lower, "result", result)
        .publishPercentileHistogram()
        .register(registry)
        .record(took);
  }

  private String shed(RefusalReason reason) {
    if (reason == RefusalReason.OVERLOADED) {
      registry.counter("signet.shed").increment();
    }
    return reason.name();
  }
}
