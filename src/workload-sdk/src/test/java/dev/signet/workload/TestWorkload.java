package dev.signet.workload;

import dev.signet.proto.spiffe.X509SVIDResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A source on a fake Workload API of its own: one pod, as the SDK sees it. */
final class TestWorkload implements AutoCloseable {

  static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

  final SettableClock clock = new SettableClock(NOW);
  final ImpatientExecutor executor = new ImpatientExecutor();
  final FakeWorkloadApi api;
  final X509Source source;
  private FakeWorkloadApi.@Nullable Stream stream;

  private TestWorkload(FakeWorkloadApi api) {
    this.api = api;
    this.source = X509Source.start(api.endpoint(), runtime(clock, executor));
  }

  static SourceRuntime runtime(SettableClock clock, ImpatientExecutor executor) {
    return new SourceRuntime(executor, clock, new SplittableRandom(1), Backoff.Bounds.DEFAULT);
  }

  /** A workload whose stream is open and has had no message yet. */
  static TestWorkload waiting(Path socket) {
    return new TestWorkload(FakeWorkloadApi.start(socket));
  }

  /** Gives it its first identity, on the stream that it has opened. */
  FakeWorkloadApi.Stream identify(X509SVIDResponse message) throws InterruptedException {
    FakeWorkloadApi.Stream opened = api.nextStream();
    stream = opened;
    update(message);
    return opened;
  }

  /** Gives it other content on the same stream, and waits until that is in use. */
  void update(X509SVIDResponse message) {
    Objects.requireNonNull(stream, "not identified yet").send(message);
    X509Context next = X509Message.parse(message, clock.instant()).context();
    Eventually.until("the update is in use", () -> isInUse(next));
  }

  private boolean isInUse(X509Context context) {
    try {
      return source.context().sameAs(context);
    } catch (SvidUnavailableException e) {
      return false;
    }
  }

  SourceStatus status() {
    return source.status();
  }

  void awaitState(SourceStatus.State state) {
    Eventually.until("state " + state, () -> source.status().state() == state);
  }

  void awaitSerial(String serial) {
    Eventually.until(
        "serial " + serial,
        () ->
            source.status().notAfter().isPresent()
                && source.context().svid().serial().equals(serial));
  }

  static Duration soon() {
    return Duration.ofMillis(50);
  }

  @Override
  public void close() {
    source.close();
    api.close();
  }
}
