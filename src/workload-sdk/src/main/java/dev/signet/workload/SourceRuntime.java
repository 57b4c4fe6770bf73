package dev.signet.workload;

import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;

/**
 * What a source runs on. All of a source's own work happens on {@code executor}, which has one
 * thread and is shut down by the source that it was given to.
 */
record SourceRuntime(
    ScheduledExecutorService executor,
    InstantSource clock,
    RandomGenerator random,
    Backoff.Bounds backoff) {

  static SourceRuntime system() {
    ScheduledExecutorService executor =
        Executors.newSingleThreadScheduledExecutor(task -> {
          Thread thread = new Thread(task, "signet-workload-api");
          thread.setDaemon(true);
          return thread;
        });
    return new SourceRuntime(
        executor, InstantSource.system(), RandomGenerator.getDefault(), Backoff.Bounds.DEFAULT);
  }

  Backoff newBackoff() {
    return new Backoff(backoff, clock, random);
  }
}
