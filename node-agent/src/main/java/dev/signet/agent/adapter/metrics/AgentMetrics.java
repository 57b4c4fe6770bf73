package dev.signet.agent.adapter.metrics;

import dev.signet.agent.bundle.BundleHolder;
import dev.signet.agent.cache.CacheMetrics;
import dev.signet.agent.svid.PodIdentities;
import dev.signet.agent.svid.Refusal;
import dev.signet.agent.svid.SvidMetrics;
import dev.signet.agent.upstream.UpstreamMetrics;
import dev.signet.agent.volume.VolumeFault;
import dev.signet.agent.volume.VolumeMetrics;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The agent's metrics. Labels come from closed or bounded sets and never from a pod (FAULTS.md
 * section 5). Thread-safe.
 */
public final class AgentMetrics
    implements SvidMetrics, VolumeMetrics, UpstreamMetrics, CacheMetrics {
  /** Reasons come from the CA: a few dozen codes, and one label more for whatever exceeds them. */
  private static final int MAX_REASONS = 64;

  private final MeterRegistry registry;
  private final AtomicInteger streams;
  private final AtomicInteger volumes;
  private final Set<String> reasons = ConcurrentHashMap.newKeySet();

  public AgentMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.streams = new AtomicInteger();
    this.volumes = new AtomicInteger();
    Gauge.builder("signet_agent_streams", streams, AtomicInteger::get)
        .description("Workload API streams open now")
        .register(registry);
    Gauge.builder("signet_agent_volumes", volumes, AtomicInteger::get)
        .description("Volumes published now")
        .register(registry);
    registry.counter("signet_cache_errors_total");
    for (VolumeFault fault : VolumeFault.values()) {
      registry.counter("signet_republish_errors_total", "reason", fault.name());
    }
  }

  /** What is read when metrics are asked for. */
  public void observe(BundleHolder bundles, PodIdentities identities) {
    Gauge.builder("signet_bundle_revision", bundles, BundleHolder::revision)
        .description("Revision of the trust bundle held; 0 before the first")
        .tag("holder", "agent")
        .register(registry);
    Gauge.builder(
            "signet_svid_remaining_ratio",
            identities,
            pods -> pods.leastRemaining().orElse(Double.NaN))
        .description("Least part left of the life of an SVID on this node")
        .tag("stat", "min")
        .register(registry);
  }

  /** A stream opened, 1, or ended, -1. */
  public void streams(int change) {
    streams.addAndGet(change);
  }

  @Override
  public void granted(Duration asked) {
    registry.counter("signet_issue_total", "result", "granted", "reason", "").increment();
    timer("signet_issue_seconds", "From the request for an SVID to its use").record(asked);
  }

  @Override
  public void refused(Refusal refusal) {
    String result = refusal.retryable() ? "failed" : "refused";
    registry
        .counter("signet_issue_total", "result", result, "reason", label(refusal.reason()))
        .increment();
  }

  @Override
  public void firstSvid(Duration sincePublish) {
    timer("signet_publish_to_svid_seconds", "From NodePublishVolume to the pod's first SVID")
        .record(sincePublish);
  }

  @Override
  public void step(Step step, Duration time) {
    step(step.name().toLowerCase(Locale.ROOT), time);
  }

  @Override
  public void reviewed(Review result, Duration time) {
    registry
        .counter("signet_review_total", "result", result.name().toLowerCase(Locale.ROOT))
        .increment();
    step("review", time);
  }

  private void step(String step, Duration time) {
    Timer.builder("signet_publish_step_seconds")
        .description("Each step from NodePublishVolume to an SVID")
        .tag("step", step)
        .register(registry)
        .record(time);
  }

  @Override
  public void refused(VolumeFault fault) {
    registry.counter("signet_publish_refused_total", "reason", fault.name()).increment();
  }

  @Override
  public void republishFault(VolumeFault fault) {
    registry.counter("signet_republish_errors_total", "reason", fault.name()).increment();
  }

  @Override
  public void listening(Duration time) {
    step("socket", time);
  }

  @Override
  public void published(int count) {
    volumes.set(count);
  }

  @Override
  public void attested(Duration time) {
    Timer.builder("signet_attest_seconds")
        .description("From the agent's request for its own SVID to the answer")
        .tag("step", "agent")
        .register(registry)
        .record(time);
  }

  @Override
  public void attestationRefused(Refusal refusal) {
    registry.counter("signet_attest_refused_total", "reason", label(refusal.reason())).increment();
  }

  @Override
  public void bundleRefused(BundleHolder.Outcome outcome) {
    registry.counter("signet_bundle_refused_total", "reason", outcome.name()).increment();
  }

  @Override
  public void sessionEnded(Refusal cause) {
    registry.counter("signet_session_ended_total", "reason", label(cause.reason())).increment();
  }

  @Override
  public void recovered(Recovered outcome) {
    registry.counter("signet_recovered_volumes_total", "result", outcome.name()).increment();
  }

  @Override
  public void cacheFailed() {
    registry.counter("signet_cache_errors_total").increment();
  }

  private Timer timer(String name, String description) {
    return Timer.builder(name)
        .description(description)
        .serviceLevelObjectives(
            Duration.ofMillis(10),
            Duration.ofMillis(25),
            Duration.ofMillis(50),
            Duration.ofMillis(100),
            Duration.ofMillis(250),
            Duration.ofSeconds(1),
            Duration.ofSeconds(10))
        .register(registry);
  }

  private String label(String reason) {
    if (reasons.contains(reason) || reasons.size() < MAX_REASONS) {
      reasons.add(reason);
      return reason;
    }
    return "OTHER";
  }
}
