package dev.signet.agent.volume;

import dev.signet.agent.loop.AgentLoop;
import dev.signet.agent.pod.Pod;
import dev.signet.agent.pod.PodUid;
import dev.signet.agent.svid.KeptIdentity;
import dev.signet.agent.svid.PodIdentities;
import dev.signet.agent.svid.WorkloadFeed;
import dev.signet.agent.volume.VolumePublisher.Occupancy;
import dev.signet.agent.volume.WorkloadEndpoints.WorkloadEndpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The volumes on this node. Publish returns when the pod's socket listens and never waits for the
 * CA. Both calls are idempotent.
 *
 * <p>A publish of a volume that is live, by what is at its target path and not by what this process
 * remembers, succeeds whatever is wrong with it: an error would make kubelet delete the mount under
 * a running pod for ever (Kubernetes issue 121271). What was wrong is counted and logged instead.
 *
 * <p>Thread-safe; calls block on the file system and on the socket for milliseconds.
 */
public final class Volumes {
  private static final Logger log = LoggerFactory.getLogger(Volumes.class);

  private final VolumeSettings settings;
  private final AgentLoop loop;
  private final PodIdentities identities;
  private final WorkloadEndpoints endpoints;
  private final VolumeFolders folders;
  private final VolumePublisher publisher;
  private final VolumeMetrics metrics;
  private final VolumeKeeper keeper;
  private final Map<VolumeTarget, WorkloadEndpoint> published = new ConcurrentHashMap<>();
  private final Set<VolumeTarget> busy = ConcurrentHashMap.newKeySet();

  /** The node's file system, as volumes use it. */
  public record NodeFiles(VolumeFolders folders, VolumePublisher publisher) {}

  /** What a call is checked against. */
  public record VolumeSettings(VolumeLayout layout, String audience) {}

  public Volumes(
      VolumeSettings settings,
      AgentLoop loop,
      PodIdentities identities,
      WorkloadEndpoints endpoints,
      NodeFiles files,
      VolumeMetrics metrics,
      VolumeKeeper keeper) {
    this.settings = settings;
    this.loop = loop;
    this.identities = identities;
    this.endpoints = endpoints;
    this.folders = files.folders();
    this.publisher = files.publisher();
    this.metrics = metrics;
    this.keeper = keeper;
  }

  /** What became of a volume that an earlier agent published. */
  public enum Recovery {
    /** Its socket listens. */
    LIVE,
    /** Its target path shows something else, or nothing: kubelet or the node took it away. */
    NOT_MOUNTED,
    /** It is mounted and its socket could not be made: the next publish makes it. */
    FAILED
  }

  /**
   * Opens the socket of a volume that an earlier agent published, in the folder that its pod has
   * mounted. To be called before kubelet can call.
   */
  public Recovery recover(Pod pod, VolumeTarget target, KeptIdentity identity) {
    Path folder = settings.layout().folder(target);
    WorkloadFeed feed = null;
    try {
      if (publisher.inspect(target, folder) != Occupancy.OURS) {
        keeper.gone(target);
        log.warn("{} of pod {} is not mounted any more", target.volumeName(), pod);
        return Recovery.NOT_MOUNTED;
      }
      feed = identities.recover(pod, identity);
      folders.create(folder);
      published.put(
          target, endpoints.open(folder.resolve(VolumeLayout.SOCKET_NAME), target.pod(), feed));
    } catch (IOException | RuntimeException e) {
      if (feed != null) {
        identities.detach(target.pod());
      }
      keeper.gone(target);
      log.error("{} of pod {} is mounted and has no socket", target.volumeName(), pod, e);
      return Recovery.FAILED;
    }
    count();
    return Recovery.LIVE;
  }

  /** Publishes a volume, or takes the fresh token of one that is live. */
  public void publish(PublishForm form) throws VolumeException {
    long start = loop.nanos();
    // Where the path cannot even be looked at, what is remembered has to do.
    boolean live =
        settings.layout().target(form.targetPath()).filter(published::containsKey).isPresent();
    try {
      Occupancy occupancy = occupancy(form.targetPath());
      live = occupancy == Occupancy.OURS;
      publish(PublishRequest.parse(form, settings.layout(), settings.audience()), occupancy, start);
    } catch (VolumeException fault) {
      failed(form, live, fault);
    } catch (RuntimeException unforeseen) {
      log.error("A publish call failed in a way that was not foreseen", unforeseen);
      failed(
          form,
          live,
          new VolumeException(
              VolumeFault.NODE_FAILED, "a fault of the agent: its log says more", unforeseen));
    }
  }

  private void failed(PublishForm form, boolean live, VolumeException fault)
      throws VolumeException {
    if (!live) {
      metrics.refused(fault.fault());
      log.warn("Refused a publish call: {}: {}", fault.fault(), fault.getMessage());
      throw fault;
    }
    metrics.republishFault(fault.fault());
    log.warn(
        "A republish of the live volume at {} has a fault, the volume stays as it is: {}: {}",
        form.targetPath(),
        fault.fault(),
        fault.getMessage());
  }

  private Occupancy occupancy(String targetPath) throws VolumeException {
    Optional<VolumeTarget> target = settings.layout().target(targetPath);
    if (target.isEmpty()) {
      return Occupancy.UNSAFE;
    }
    try {
      return publisher.inspect(target.get(), settings.layout().folder(target.get()));
    } catch (IOException e) {
      throw failed("the target path cannot be looked at", e);
    }
  }

  private void publish(PublishRequest request, Occupancy occupancy, long start)
      throws VolumeException {
    VolumeTarget target = request.target();
    switch (occupancy) {
      case FREE, OURS -> {}
      case FOREIGN ->
          throw new VolumeException(
              VolumeFault.TARGET_OCCUPIED, "something that is not this volume is at target_path");
      case UNSAFE ->
          throw new VolumeException(
              VolumeFault.TARGET_PATH,
              "the parent of target_path is missing, or there is a symbolic link on the way to it");
    }
    try (Turn _ = takeTurn(target)) {
      if (published.containsKey(target)) {
        identities.refresh(target.pod(), request.token());
        keeper.live(request.pod(), target);
        if (occupancy == Occupancy.FREE) {
          bind(target);
        }
      } else {
        establish(request, occupancy, start);
      }
    }
  }

  private void establish(PublishRequest request, Occupancy occupancy, long start)
      throws VolumeException {
    VolumeTarget target = request.target();
    PodUid pod = target.pod();
    // The identity is asked for first: it is on its way while the socket is made.
    WorkloadFeed feed = identities.attach(request.pod(), request.token(), start);
    WorkloadEndpoint endpoint = null;
    try {
      Path folder = settings.layout().folder(target);
      folders.create(folder);
      endpoint = endpoints.open(folder.resolve(VolumeLayout.SOCKET_NAME), pod, feed);
      if (occupancy == Occupancy.FREE) {
        publisher.bind(target, folder);
      }
    } catch (IOException e) {
      withdraw(pod, endpoint);
      throw failed("the volume's socket cannot be made", e);
    } catch (RuntimeException e) {
      withdraw(pod, endpoint);
      throw e;
    }
    published.put(target, endpoint);
    keeper.live(request.pod(), target);
    count();
    metrics.listening(Duration.ofNanos(loop.nanos() - start));
    log.info("Published {} of pod {} ({})", target.volumeName(), request.pod(), pod);
  }

  private void withdraw(PodUid pod, @Nullable WorkloadEndpoint endpoint) {
    identities.detach(pod);
    if (endpoint != null) {
      endpoint.close();
    }
  }

  private void bind(VolumeTarget target) throws VolumeException {
    try {
      publisher.bind(target, settings.layout().folder(target));
    } catch (IOException e) {
      throw failed("the volume cannot be put at target_path", e);
    }
  }

  /** Ends a volume: connections, keys, token, folder. A volume that is not there is no fault. */
  public void unpublish(String volumeId, String targetPath) throws VolumeException {
    if (volumeId.isEmpty() || targetPath.isEmpty()) {
      throw new VolumeException(
          VolumeFault.FIELD_MISSING, "volume_id and target_path must both be set");
    }
    Optional<VolumeTarget> known =
        settings.layout().target(targetPath).filter(target -> target.volumeId().equals(volumeId));
    if (known.isEmpty()) {
      log.debug("Unpublish of a volume that is none of ours");
      return;
    }
    VolumeTarget target = known.get();
    try (Turn _ = takeTurn(target)) {
      WorkloadEndpoint endpoint = published.remove(target);
      if (endpoint != null) {
        withdraw(target.pod(), endpoint);
        count();
        log.info("Unpublished {} of pod {}", target.volumeName(), target.pod());
      }
      keeper.gone(target);
      Path folder = settings.layout().folder(target);
      publisher.unbind(target, folder);
      folders.remove(folder);
    } catch (IOException e) {
      throw failed("the volume cannot be taken away", e);
    }
  }

  /** Ends all sockets, for the agent's stop: folders and mounts stay for the next agent. */
  public void close() {
    published.values().parallelStream().forEach(WorkloadEndpoint::close);
    published.clear();
  }

  private Turn takeTurn(VolumeTarget target) throws VolumeException {
    if (!busy.add(target)) {
      throw new VolumeException(
          VolumeFault.BUSY, "another call for this volume is at work: try again");
    }
    return () -> busy.remove(target);
  }

  private static VolumeException failed(String what, IOException e) {
    return new VolumeException(VolumeFault.NODE_FAILED, what + ": " + e, e);
  }

  /** One call's right to change a volume. */
  private interface Turn extends AutoCloseable {
    @Override
    void close();
  }

  /** Volumes come and go on many threads; the last count told is the true one. */
  private void count() {
    synchronized (metrics) {
      metrics.published(published.size());
    }
  }
}
