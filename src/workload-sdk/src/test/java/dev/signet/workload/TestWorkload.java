package dev.signet.workload;

import dev.signet.proto.spiffe.X509SVIDResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;

/** A source on a fake Workload API of its own: one pod, as the SDK sees it. */
final class TestWorkload implements AutoCloseable {

  static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

  final SettableClock clock = new SettableClock(NOW);
  final ImpatientExecutor executor = new ImpatientExecutor();
  final FakeWorkloadApi api;
  final X509Source source;

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

  /** A workload with an identity. The stream is left to the caller. */
  static FakeWorkloadApi.Stream identify(TestWorkload workload, X509SVIDResponse message)
      throws InterruptedException {
    FakeWorkloadApi.Stream stream = workload.api.nextStream();
    stream.send(message);
    X509Context unused = workload.source.await(Eventually.LIMIT);
    return stream;
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
