package dev.signet.sandbox.kubelet;

import dev.signet.sandbox.kubelet.ContainerRuntime.RunningPod;
import io.kubernetes.client.openapi.ApiException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one pod on the node: volumes, containers, again and again volumes, until the pod ends
 * or is deleted; then containers, volumes, API object, in this order. One thread runs it; any
 * thread may signal.
 */
final class PodWorker implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(PodWorker.class);
  private static final Duration LONGEST_MOUNT_BACKOFF = Duration.ofSeconds(122);
  private static final Duration LONGEST_RESTART_BACKOFF = Duration.ofMinutes(5);
  private static final Duration LONGEST_API_BACKOFF = Duration.ofSeconds(5);
  private static final Duration KILLED_WITHIN = Duration.ofSeconds(5);
  private static final int CANNOT_START = 128;

  private final KubeletConfig config;
  private final NodeApi api;
  private final PodVolumes volumes;
  private final ContainerRuntime runtime;
  private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
  private final Backoff mountBackoff;
  private final Backoff restartBackoff;

  private final List<CompletableFuture<Void>> awaitingPublish = new ArrayList<>();

  private BoundPod pod;
  private boolean removed;
  private boolean syncNow;
  private @Nullable RunningPod running;
  private Optional<Integer> exitCode = Optional.empty();
  private int starts;
  private long restartAt = System.nanoTime();
  private final Supplier<? extends RandomGenerator> random;
  private String wantedPhase;
  private String writtenPhase;

  PodWorker(
      KubeletConfig config,
      NodeApi api,
      PodVolumes volumes,
      ContainerRuntime runtime,
      BoundPod pod,
      Supplier<? extends RandomGenerator> random) {
    this.config = config;
    this.api = api;
    this.volumes = volumes;
    this.runtime = runtime;
    this.pod = pod;
    this.random = random;
    this.wantedPhase = pod.phase();
    this.writtenPhase = pod.phase();
    this.mountBackoff = new Backoff(config.mountBackoff(), LONGEST_MOUNT_BACKOFF);
    this.restartBackoff = new Backoff(config.restartBackoff(), LONGEST_RESTART_BACKOFF);
  }

  void signal(Signal signal) {
    signals.add(signal);
  }

  @Override
  public void run() {
    try {
      while (!over()) {
        pause(sync());
      }
      end();
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("The kubelet lost {}", pod, e);
      kill();
    }
  }

  /** Whether the pod's containers have no business here any more. */
  private boolean over() {
    return deleted() || exitCode.isPresent() || pod.ended();
  }

  private boolean deleted() {
    return removed || pod.deletionGrace().isPresent();
  }

  /** One pass of what kubelet does at each pod sync; answers when the next is due. */
  private Wait sync() {
    try {
      PodMounts mounts = volumes.setUp(pod);
      awaitingPublish.forEach(waiting -> waiting.complete(null));
      awaitingPublish.clear();
      mountBackoff.reset();
      long untilStart = restartAt - System.nanoTime();
      if (running == null && untilStart <= 0) {
        start(mounts);
      }
      if (!writtenPhase.equals(wantedPhase)) {
        api.writePhase(pod, wantedPhase);
        writtenPhase = wantedPhase;
      }
      Duration next = jittered(config.syncFrequency());
      return new Wait(
          running == null && untilStart > 0 ? shorter(next, Duration.ofNanos(untilStart)) : next,
          true);
    } catch (MountException e) {
      complain("The volumes of {} are not mounted: {}", e);
      return new Wait(mountBackoff.next(), false);
    } catch (ApiException e) {
      complain("The status of {} is not written: {}", e);
      return new Wait(mountBackoff.next(), false);
    }
  }

  /** Says what will be tried again; a kubelet that stops has nothing to say. */
  private void complain(String message, Exception failure) {
    if (!Thread.currentThread().isInterrupted()) {
      LOG.warn(
          message,
          pod,
          failure instanceof ApiException e ? NodeApi.reason(e) : failure.getMessage());
    }
  }

  private void start(PodMounts mounts) {
    int start = ++starts;
    try {
      RunningPod started = runtime.start(pod.raw(), mounts);
      running = started;
      var _ =
          started
              .ended()
              .whenComplete((code, failure) ->
                  signal(new Ended(start, failure == null ? code : CANNOT_START)));
      wantedPhase = "Running";
    } catch (IOException e) {
      LOG.warn("The containers of {} could not be started", pod, e);
      containersEnded(CANNOT_START);
    }
  }

  private void containersEnded(int code) {
    running = null;
    if (deleted() || !pod.restarts(code)) {
      exitCode = Optional.of(code);
      return;
    }
    LOG.info("The containers of {} ended with {} and are started again", pod, code);
    restartAt = System.nanoTime() + (starts > 1 ? restartBackoff.next().toNanos() : 0);
    syncNow = true;
  }

  /** Waits for the next sync; what the pod's life depends on ends the wait. */
  private void pause(Wait wait) throws InterruptedException {
    long end = System.nanoTime() + wait.time().toNanos();
    while (!over() && !syncNow) {
      Signal signal = signals.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
      if (signal == null) {
        return;
      }
      String version = pod.version();
      apply(signal);
      if (wait.updatesEndIt() && !pod.version().equals(version)) {
        return;
      }
    }
    syncNow = false;
  }

  private void apply(Signal signal) {
    switch (signal) {
      case Updated(BoundPod updated) -> pod = updated;
      case Removed() -> removed = true;
      case Republish(CompletableFuture<Void> published) -> {
        awaitingPublish.add(published);
        syncNow = true;
      }
      case Ended(int start, int code) -> {
        if (start == starts) {
          containersEnded(code);
        }
      }
    }
  }

  private void end() throws InterruptedException {
    stopContainers();
    if (exitCode.isPresent()) {
      String phase = exitCode.get() == 0 ? "Succeeded" : "Failed";
      patientlyWhileThere(() -> api.writePhase(pod, phase));
    }
    patiently(() -> volumes.tearDown(pod));
    while (!deleted()) {
      apply(signals.take());
    }
    patientlyWhileThere(() -> api.remove(pod));
    LOG.info("{} is gone", pod);
  }

  private void stopContainers() throws InterruptedException {
    Duration granted = null;
    while (running != null) {
      Duration grace = removed ? Duration.ZERO : pod.deletionGrace().orElse(Duration.ZERO);
      if (granted == null || grace.compareTo(granted) < 0) {
        running.stop(grace);
        granted = grace;
      }
      apply(signals.take());
    }
  }

  /** For what is done to the pod's object: nothing once that is gone. */
  private void patientlyWhileThere(Step step) throws InterruptedException {
    patiently(() -> {
      if (!removed) {
        step.run();
      }
    });
  }

  /** Until it is done; signals are heard meanwhile. */
  private void patiently(Step step) throws InterruptedException {
    Backoff backoff = new Backoff(config.mountBackoff(), LONGEST_API_BACKOFF);
    while (true) {
      try {
        step.run();
        return;
      } catch (MountException e) {
        complain("{} cannot be taken down yet: {}", e);
      } catch (ApiException e) {
        complain("The API server does not take what became of {}: {}", e);
      }
      long end = System.nanoTime() + backoff.next().toNanos();
      Signal signal = signals.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
      while (signal != null) {
        apply(signal);
        signal = signals.poll(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
      }
    }
  }

  /** The kubelet stops, and its containers with it: in the sandbox nothing outlives its parent. */
  private void kill() {
    RunningPod left = running;
    if (left != null) {
      left.stop(Duration.ZERO);
      try {
        left.ended().orTimeout(KILLED_WITHIN.toNanos(), TimeUnit.NANOSECONDS).join();
      } catch (CompletionException e) {
        LOG.warn("The containers of {} did not end", pod, e);
      }
    }
  }

  private Duration jittered(Duration frequency) {
    return frequency.plusNanos(random.get().nextLong(frequency.toNanos() / 2 + 1));
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /**
   * Time to the next sync.
   *
   * @param updatesEndIt whether a change of the pod brings it forward; not while a mount backs off
   */
  private record Wait(Duration time, boolean updatesEndIt) {}

  @FunctionalInterface
  private interface Step {
    void run() throws MountException, ApiException;
  }

  /** What a worker is told. */
  sealed interface Signal {}

  /** The pod's object has changed. */
  record Updated(BoundPod pod) implements Signal {}

  /** The pod's object is gone. */
  record Removed() implements Signal {}

  /**
   * Sync now, whatever is waited for.
   *
   * @param published completed when the volumes are published
   */
  record Republish(CompletableFuture<Void> published) implements Signal {}

  /** The containers of this start have ended. */
  private record Ended(int start, int code) implements Signal {}
}
