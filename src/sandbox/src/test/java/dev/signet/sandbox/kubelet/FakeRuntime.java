package dev.signet.sandbox.kubelet;

import io.kubernetes.client.openapi.models.V1Pod;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Containers that end when a test says so. Thread-safe. */
final class FakeRuntime implements ContainerRuntime {
  private final BlockingQueue<FakePod> started = new LinkedBlockingQueue<>();
  private final AtomicInteger failures = new AtomicInteger();

  /** The next starts fail. */
  void failStarts(int times) {
    failures.set(times);
  }

  @Override
  public RunningPod start(V1Pod pod, PodMounts mounts) throws IOException {
    if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new IOException("no such program");
    }
    FakePod running = new FakePod(pod, mounts);
    started.add(running);
    return running;
  }

  FakePod next() throws InterruptedException {
    FakePod pod = started.poll(15, TimeUnit.SECONDS);
    if (pod == null) {
      throw new AssertionError("The kubelet started nothing further");
    }
    return pod;
  }

  Optional<FakePod> already() {
    return Optional.ofNullable(started.poll());
  }

  /** Started containers. */
  static final class FakePod implements RunningPod {
    final V1Pod pod;
    final PodMounts mounts;
    final CompletableFuture<Integer> ended = new CompletableFuture<>();
    final BlockingQueue<Duration> stops = new LinkedBlockingQueue<>();

    FakePod(V1Pod pod, PodMounts mounts) {
      this.pod = pod;
      this.mounts = mounts;
    }

    @Override
    public CompletableFuture<Integer> ended() {
      return ended;
    }

    /** Only noted; without grace the containers are dead at once. */
    @Override
    public void stop(Duration grace) {
      stops.add(grace);
      if (grace.isZero()) {
        ended.complete(137);
      }
    }

    Duration nextStop() throws InterruptedException {
      Duration grace = stops.poll(15, TimeUnit.SECONDS);
      if (grace == null) {
        throw new AssertionError("The kubelet did not stop the containers");
      }
      return grace;
    }
  }
}
