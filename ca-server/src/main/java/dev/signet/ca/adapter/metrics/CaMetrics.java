package dev.signet.ca.adapter.metrics;

import dev.signet.ca.attestation.PodReader;
import dev.signet.ca.attestation.TokenReviewer;
import dev.signet.ca.attestation.TokenSignatures;
import dev.signet.ca.bundle.CurrentBundle;
import dev.signet.ca.issuance.CsrVerifier;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.SvidIssuer;
import dev.signet.ca.rotation.Step;
import dev.signet.ca.session.AgentState;
import dev.signet.ca.session.Sessions;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/** Meters of the CA. Thread-safe. */
public final class CaMetrics {
  private final MeterRegistry registry;
  private final InstantSource clock;

  public CaMetrics(MeterRegistry registry, InstantSource clock) {
    this.registry = registry;
    this.clock = clock;
  }

  /** What is left of a certificate that this CA lives by. */
  public void expiry(String name, Supplier<Instant> notAfter) {
    Gauge.builder(
            "signet.authority.expiry.seconds",
            () -> Duration.between(clock.instant(), notAfter.get()).toSeconds())
        .description("Until the certificate ends")
        .tags("id", name)
        .strongReference(true)
        .register(registry);
  }

  /** Revisions that this CA and its agents hold, and how many agents there are. */
  public void sessions(Sessions sessions, CurrentBundle bundles) {
    gauge("signet.agent.streams", "Agents with an open session", () -> sessions.agents().size());
    gauge(
        "signet.agents.acknowledged",
        "Agents that say that they hold the current bundle",
        () -> {
          long current = bundles.get().revision();
          return (int)
              sessions.agents().stream().filter(a -> a.said().revision() == current).count();
        });
    revision("ca", () -> bundles.get().revision());
    revision(
        "agents_lowest",
        () ->
            sessions.agents().stream()
                .map(AgentState::said)
                .mapToLong(said -> said.revision())
                .min()
                .orElse(bundles.get().revision()));
  }

  /** The revision that is published; 0 while that is not known. */
  public void published(Supplier<Number> revision) {
    revision("published", revision);
  }

  /** Counts how often others changed or removed the published bundle. */
  public Counter bundleRepairs() {
    return Counter.builder("signet.bundle.repaired")
        .description("Times that others had changed or removed the published bundle")
        .register(registry);
  }

  /** Rights that this CA has on the Kubernetes API and should not have. */
  public void excessRights(Supplier<Number> rights) {
    gauge(
        "signet.kubernetes.excess.rights",
        "Rights that the CA's account has and must never have",
        rights);
  }

  /**
   * How a rotation of the root stands.
   *
   * @param missing how many consumers a step waits for
   * @param alarm 1 while an operator is needed
   */
  public void rotation(
      Supplier<Number> version, ToIntFunction<Step.Kind> missing, Supplier<Number> alarm) {
    gauge("signet.trust.version", "Version of the trust state that this replica sees", version);
    gauge("signet.rotation.alarm", "1 while a rotation needs an operator", alarm);
    for (Step.Kind step : List.of(Step.Kind.ACTIVATE, Step.Kind.RETIRE, Step.Kind.REVOKE)) {
      Gauge.builder("signet.rotation.missing", () -> missing.applyAsInt(step))
          .description("Consumers that a step of a rotation waits for")
          .tags("step", step.name().toLowerCase(Locale.ROOT))
          .strongReference(true)
          .register(registry);
    }
  }

  /** Work that is under way or waits. */
  public void queueDepth(String name, IntSupplier depth) {
    Gauge.builder("signet.queue.depth", depth::getAsInt)
        .description("Items under way or waiting")
        .tags("class", name)
        .strongReference(true)
        .register(registry);
  }

  /** {@code reviewer}, timed. */
  public TokenReviewer timed(TokenReviewer reviewer) {
    Timer timer = step("review");
    return (token, audience) -> time(timer, () -> reviewer.review(token, audience));
  }

  /** {@code reader}, timed. */
  public PodReader timed(PodReader reader) {
    Timer timer = step("pod");
    return name -> time(timer, () -> reader.read(name));
  }

  /** {@code signatures}, timed. */
  public TokenSignatures timedSignatures(TokenSignatures signatures) {
    Timer timer = step("signature");
    return token -> {
      long begin = System.nanoTime();
      try {
        return signatures.verify(token);
      } finally {
        timer.record(System.nanoTime() - begin, TimeUnit.NANOSECONDS);
      }
    };
  }

  /** {@code csrs}, timed. */
  public CsrVerifier timedVerifier(CsrVerifier csrs) {
    Timer timer = step("csr");
    return csr -> {
      long begin = System.nanoTime();
      try {
        return csrs.verify(csr);
      } finally {
        timer.record(System.nanoTime() - begin, TimeUnit.NANOSECONDS);
      }
    };
  }

  /** {@code issuer}, timed: from the grant to the recorded, signed and validated SVID. */
  public SvidIssuer timedIssuer(SvidIssuer issuer) {
    Timer timer = step("issue");
    return granted -> {
      long begin = System.nanoTime();
      return issuer
          .issue(granted)
          .whenComplete(
              (svid, failure) -> timer.record(System.nanoTime() - begin, TimeUnit.NANOSECONDS));
    };
  }

  private interface Work<T> {
    T run() throws RefusedException, InterruptedException;
  }

  private static <T> T time(Timer timer, Work<T> step)
      throws RefusedException, InterruptedException {
    Timer.Sample sample = Timer.start();
    try {
      return step.run();
    } finally {
      sample.stop(timer);
    }
  }

  private Timer step(String name) {
    return Timer.builder("signet.attest.seconds")
        .description("One step of an attestation")
        .tags("step", name)
        .publishPercentileHistogram()
        .register(registry);
  }

  private void revision(String holder, Supplier<Number> revision) {
    Gauge.builder("signet.bundle.revision", revision)
        .description("Revision of the trust bundle")
        .tags("holder", holder)
        .strongReference(true)
        .register(registry);
  }

  private void gauge(String name, String description, Supplier<Number> value) {
    Gauge.builder(name, value).description(description).strongReference(true).register(registry);
  }
}
