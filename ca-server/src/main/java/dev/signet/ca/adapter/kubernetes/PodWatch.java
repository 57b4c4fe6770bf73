package dev.signet.ca.adapter.kubernetes;

import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.session.PodRemovals;
import dev.signet.ca.session.RemovalCause;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import okhttp3.Response;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * Watches pods for as long as it runs: lists, watches from there, and lists again when the server
 * has forgotten where it was (410) or a watch breaks off. What it sees can only take rights away
 * early; a pod that it misses is still refused by the live read. For one thread.
 */
final class PodWatch implements Runnable {
  private static final int GONE = 410;
  // Metadata of one object; etcd takes at most 1.5 MiB.
  private static final long LONGEST_LINE = 2L * 1024 * 1024;
  private static final Duration SOUND = Duration.ofSeconds(1);

  private final PodStream stream;
  private final WatchedPhase phase;
  private final PodRemovals removals;
  private final KubernetesHealth health;
  private final Backoff backoff;
  private final CountDownLatch closed;
  private final String part;

  /** Where the watch goes on; unknown before the first list and after a 410. */
  private @Nullable String position;

  PodWatch(
      PodStream stream,
      WatchedPhase phase,
      PodRemovals removals,
      KubernetesHealth health,
      Backoff backoff,
      CountDownLatch closed) {
    this.stream = stream;
    this.phase = phase;
    this.removals = removals;
    this.health = health;
    this.backoff = backoff;
    this.closed = closed;
    this.part = "watch of pods (" + phase.name().toLowerCase(Locale.ROOT) + ")";
  }

  @Override
  public void run() {
    try {
      Duration pause = Duration.ZERO;
      while (!closed.await(pause.toNanos(), TimeUnit.NANOSECONDS)) {
        pause = round();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Lists if need be, then watches until that ends; says how long to wait before the next. */
  private Duration round() throws InterruptedException {
    long begin = System.nanoTime();
    try {
      String from = position;
      if (from == null) {
        from = list();
        position = from;
      }
      watch(from);
      if (System.nanoTime() - begin >= SOUND.toNanos()) {
        backoff.reset();
        return Duration.ZERO;
      }
      return backoff.next();
    } catch (RefusedException e) {
      return broken(e.refusal().detail(), e.refusal().retryAfter());
    } catch (IOException | RuntimeException e) {
      // Nothing that one answer holds may end the watch.
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      return broken(e.getClass().getSimpleName(), Optional.empty());
    }
  }

  private Duration broken(String why, Optional<Duration> retryAfter) {
    health.broken(part, why);
    Duration pause = backoff.next();
    return retryAfter.filter(wanted -> wanted.compareTo(pause) > 0).orElse(pause);
  }

  private String list() throws RefusedException, InterruptedException {
    // Taken before the list: of these alone does it mean something that they are not in it.
    Set<String> missing = new HashSet<>(removals.servedPods());
    String next = null;
    ApiJson.ListMetadata metadata;
    do {
      ApiJson.PodList page = stream.list(next);
      for (ApiJson.Pod pod : ApiJson.orNone(page.items())) {
        if (pod.metadata() != null) {
          missing.remove(ApiJson.orEmpty(pod.metadata().uid()));
          present(pod.metadata());
        }
      }
      metadata = page.metadata();
      next = metadata == null ? null : metadata.next();
    } while (next != null && !next.isEmpty());
    phase.gone().ifPresent(cause -> missing.forEach(uid -> removals.removed(uid, cause)));
    return metadata == null ? "" : ApiJson.orEmpty(metadata.resourceVersion());
  }

  private void watch(String from) throws RefusedException, InterruptedException, IOException {
    try (Response response = stream.watch(from)) {
      if (response.code() == GONE) {
        position = null;
        return;
      }
      stream.requireSuccess(response);
      health.well(part);
      BufferedSource lines = response.body().source();
      while (!lines.exhausted()) {
        if (!event(lines.readUtf8LineStrict(LONGEST_LINE))) {
          return;
        }
      }
    }
  }

  /** Takes one event in; false if the watch has nothing more to say. */
  private boolean event(String line) throws IOException {
    ApiJson.WatchEvent event = ApiJson.GSON.fromJson(line, ApiJson.WatchEvent.class);
    ApiJson.WatchObject object = event == null ? null : event.object();
    if (event == null || object == null) {
      throw new IOException("an event without an object");
    }
    ApiJson.Metadata metadata = object.metadata();
    switch (ApiJson.orEmpty(event.type())) {
      case "ADDED", "MODIFIED" -> {
        if (metadata != null) {
          present(metadata);
        }
      }
      case "DELETED" -> {
        if (metadata != null) {
          tell(metadata, phase.gone());
        }
      }
      case "BOOKMARK" -> {}
      default -> {
        // ERROR: 410 if the position is too old. Whatever it is, only a new list mends it.
        position = null;
        return false;
      }
    }
    if (metadata != null && metadata.resourceVersion() != null) {
      position = metadata.resourceVersion();
    }
    return true;
  }

  private void present(ApiJson.Metadata metadata) {
    tell(metadata, phase.present(metadata.deletionTimestamp() != null));
  }

  private void tell(ApiJson.Metadata metadata, Optional<RemovalCause> cause) {
    String uid = metadata.uid();
    if (uid != null && cause.isPresent()) {
      removals.removed(uid, cause.get());
    }
  }
}
