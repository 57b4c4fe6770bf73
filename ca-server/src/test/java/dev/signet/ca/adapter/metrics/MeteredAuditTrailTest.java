package dev.signet.ca.adapter.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.audit.AuditEvent;
import dev.signet.ca.audit.Caller;
import dev.signet.ca.issuance.AttestationMode;
import dev.signet.ca.issuance.Refusal;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.SvidKind;
import dev.signet.ca.issuance.World;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MeteredAuditTrailTest {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final MeteredAuditTrail audit = new MeteredAuditTrail(registry);
  private final Caller caller = new Caller("10.0.0.7", Optional.of(World.agent()));

  @Test
  void everyReason_isCountedUnderItsName() {
    for (RefusalReason reason : RefusalReason.values()) {
      audit.record(
          new AuditEvent.SvidRefused(
              SvidKind.WORKLOAD,
              Optional.of(AttestationMode.AGENT_REVIEW),
              Refusal.of(reason, "pod cart-1"),
              Optional.empty(),
              caller,
              "ab",
              Duration.ofMillis(1)));
      audit.record(
          new AuditEvent.CallRefused(
              "signet.agent.v1.S/Session", Refusal.of(reason, "pod cart-1"), caller));
    }

    String scraped = registry.scrape();
    for (RefusalReason reason : RefusalReason.values()) {
      assertThat(scraped)
          .contains(
              "signet_issue_total{kind=\"workload\",reason=\""
                  + reason
                  + "\",result=\"refused\",review=\"agent\"} 1.0",
              "signet_call_refused_total{method=\"Session\",reason=\"" + reason + "\"} 1.0");
    }
    assertThat(scraped).contains("signet_shed_total 2.0");
    assertThat(scraped).as("no label names anybody").doesNotContain("cart-1", "node-1", "10.0.0.7");
  }
}
