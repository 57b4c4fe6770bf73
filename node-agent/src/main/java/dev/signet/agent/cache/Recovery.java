package dev.signet.agent.cache;

import dev.signet.agent.bundle.BundleHolder;
import dev.signet.agent.cache.CacheMetrics.Recovered;
import dev.signet.agent.loop.AgentLoop;
import dev.signet.agent.pod.PodUid;
import dev.signet.agent.svid.KeptIdentity;
import dev.signet.agent.svid.KeptSvid;
import dev.signet.agent.volume.Volumes;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up what an earlier agent left: volumes that are mounted still listen again with the SVID
 * they had, and nobody is asked for anything. Whatever is not to be had is no reason not to start:
 * kubelet's next publish makes it anew.
 */
public final class Recovery {
  private static final Comparator<KeptIdentity> LATER =
      Comparator.comparing(KeptIdentity::entitled)
          .thenComparing(identity -> identity.svid().map(KeptSvid::received).orElse(Instant.MIN));
  private static final Logger log = LoggerFactory.getLogger(Recovery.class);

  private final CacheFiles files;
  private final LocalCache cache;
  private final BundleHolder bundles;
  private final InstantSource clock;
  private final AgentLoop loop;
  private final CacheMetrics metrics;

  public Recovery(
      CacheFiles files,
      LocalCache cache,
      BundleHolder bundles,
      InstantSource clock,
      AgentLoop loop,
      CacheMetrics metrics) {
    this.files = files;
    this.cache = cache;
    this.bundles = bundles;
    this.clock = clock;
    this.loop = loop;
    this.metrics = metrics;
  }

  /** Sockets listen when it returns; to be called once, before kubelet can call. */
  public void run(Volumes volumes) {
    long start = loop.nanos();
    CacheFiles.Contents found = load();
    found
        .bundle()
        .ifPresent(bundle -> {
          cache.adopt(bundle);
          bundles.restore(bundle);
        });
    Map<PodUid, KeptIdentity> newest = newestByPod(found.volumes());
    Map<Recovered, Long> outcomes =
        found.volumes().parallelStream()
            .map(volume -> recover(volume, newest, volumes))
            .collect(Collectors.groupingByConcurrent(outcome -> outcome, Collectors.counting()));
    for (int i = 0; i < found.setAside(); i++) {
      outcomes.merge(Recovered.SET_ASIDE, 1L, Long::sum);
    }
    outcomes.forEach((outcome, count) -> {
      for (long i = 0; i < count; i++) {
        metrics.recovered(outcome);
      }
    });
    if (!outcomes.isEmpty()) {
      log.info(
          "Volumes of an earlier agent: {} in {} ms",
          new EnumMap<>(outcomes),
          Duration.ofNanos(loop.nanos() - start).toMillis());
    }
  }

  private CacheFiles.Contents load() {
    try {
      return files.load();
    } catch (IOException e) {
      log.warn("What an earlier agent left cannot be read; its pods wait for new SVIDs: {}", e, e);
      return CacheFiles.Contents.NOTHING;
    }
  }

  /**
   * Volumes of a pod have one identity, but a crash may have come between the writing of one and
   * the next.
   */
  private Map<PodUid, KeptIdentity> newestByPod(List<VolumeRecord> records) {
    Instant now = clock.instant();
    var newest = new HashMap<PodUid, KeptIdentity>();
    for (VolumeRecord volume : records) {
      newest.merge(
          volume.pod().uid(),
          volume.identity().at(now),
          (one, other) -> LATER.compare(one, other) < 0 ? other : one);
    }
    return newest;
  }

  private Recovered recover(
      VolumeRecord volume, Map<PodUid, KeptIdentity> newest, Volumes volumes) {
    cache.adopt(volume);
    KeptIdentity identity = Objects.requireNonNull(newest.get(volume.pod().uid()));
    return switch (volumes.recover(volume.pod(), volume.target(), identity)) {
      case LIVE -> identity.svid().isPresent() ? Recovered.SERVED : Recovered.WAITING;
      case NOT_MOUNTED -> Recovered.DROPPED;
      case FAILED -> Recovered.FAILED;
    };
  }
}
