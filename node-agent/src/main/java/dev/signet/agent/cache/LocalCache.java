package dev.signet.agent.cache;

import dev.signet.agent.bundle.HeldBundle;
import dev.signet.agent.pod.Pod;
import dev.signet.agent.pod.PodUid;
import dev.signet.agent.svid.IdentityKeeper;
import dev.signet.agent.svid.KeptIdentity;
import dev.signet.agent.volume.VolumeKeeper;
import dev.signet.agent.volume.VolumeTarget;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what a restart needs. Whoever reports a change waits for nothing: what has changed is
 * written on another thread, all of it in one go, and what changes meanwhile in the next. Only
 * {@link #gone} waits, so that a key does not outlive its volume.
 *
 * <p>A write that fails costs the restart a signature and nothing else: it is counted, logged, and
 * tried again with the next change. Thread-safe.
 */
public final class LocalCache implements VolumeKeeper, IdentityKeeper, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LocalCache.class);

  private final CacheFiles files;
  private final Executor executor;
  private final CacheMetrics metrics;

  /** Held while files change; taken before this object's own monitor. */
  private final Object writing = new Object();

  private final Map<VolumeTarget, Pod> volumes = new HashMap<>();
  private final Map<PodUid, KeptIdentity> identities = new HashMap<>();
  private final Map<VolumeTarget, KeptIdentity> written = new HashMap<>();
  private final Set<VolumeTarget> dirty = new HashSet<>();
  private @Nullable HeldBundle bundle;
  private @Nullable HeldBundle writtenBundle;
  private boolean scheduled;
  private boolean closed;

  /** One go of writing. */
  private record Work(
      List<VolumeRecord> changed, List<VolumeTarget> gone, @Nullable HeldBundle bundle) {}

  public LocalCache(CacheFiles files, Executor executor, CacheMetrics metrics) {
    this.files = files;
    this.executor = executor;
    this.metrics = metrics;
  }

  /** A volume whose record is there already. */
  synchronized void adopt(VolumeRecord volume) {
    volumes.put(volume.target(), volume.pod());
    written.put(volume.target(), volume.identity());
    KeptIdentity known = identities.get(volume.pod().uid());
    if (known != null && !known.equals(volume.identity())) {
      dirty.add(volume.target());
      writeSoon();
    }
  }

  /** A bundle whose record is there already. */
  synchronized void adopt(HeldBundle kept) {
    bundle = kept;
    writtenBundle = kept;
  }

  /** The bundle that is handed out from now on. */
  public synchronized void bundle(HeldBundle newer) {
    bundle = newer;
    writeSoon();
  }

  @Override
  public synchronized void changed(PodUid pod, KeptIdentity identity) {
    identities.put(pod, identity);
    for (VolumeTarget target : volumes.keySet()) {
      if (target.pod().equals(pod) && !identity.equals(written.get(target))) {
        dirty.add(target);
      }
    }
    writeSoon();
  }

  @Override
  public synchronized void ended(PodUid pod) {
    identities.remove(pod);
  }

  @Override
  public synchronized void live(Pod pod, VolumeTarget target) {
    if (volumes.put(target, pod) == null) {
      dirty.add(target);
    }
    writeSoon();
  }

  @Override
  public void gone(VolumeTarget target) {
    synchronized (this) {
      volumes.remove(target);
      dirty.add(target);
    }
    write();
  }

  private void writeSoon() {
    if (scheduled || closed || (dirty.isEmpty() && Objects.equals(bundle, writtenBundle))) {
      return;
    }
    scheduled = true;
    try {
      executor.execute(this::write);
    } catch (RejectedExecutionException stopping) {
      scheduled = false;
      log.debug("The agent stops; what changed is written at its end");
    }
  }

  private void write() {
    synchronized (writing) {
      Work work = take();
      var failures = new ArrayList<Exception>();
      for (VolumeRecord volume : work.changed()) {
        attempt(() -> files.save(volume), volume.target(), volume.identity(), failures);
      }
      for (VolumeTarget target : work.gone()) {
        attempt(() -> files.remove(target), target, null, failures);
      }
      if (work.bundle() != null) {
        write(work.bundle(), failures);
      }
      if (!failures.isEmpty()) {
        failures.forEach(_ -> metrics.cacheFailed());
        log.warn(
            "{} of {} records could not be written; should the agent restart now, their pods wait"
                + " for new SVIDs. The first: {}",
            failures.size(),
            work.changed().size() + work.gone().size() + (work.bundle() == null ? 0 : 1),
            failures.getFirst().toString());
      }
    }
  }

  private synchronized Work take() {
    scheduled = false;
    var changed = new ArrayList<VolumeRecord>();
    var gone = new ArrayList<VolumeTarget>();
    for (VolumeTarget target : dirty) {
      // Until it is written nobody knows what is in the file: each change counts.
      written.remove(target);
      Pod pod = volumes.get(target);
      if (pod == null) {
        gone.add(target);
      } else {
        changed.add(
            new VolumeRecord(
                pod, target, identities.getOrDefault(pod.uid(), KeptIdentity.NOTHING)));
      }
    }
    dirty.clear();
    return new Work(changed, gone, Objects.equals(bundle, writtenBundle) ? null : bundle);
  }

  /** A step with a file. */
  private interface Step {
    void run() throws IOException;
  }

  private void attempt(
      Step step, VolumeTarget target, @Nullable KeptIdentity now, List<Exception> failures) {
    try {
      step.run();
      synchronized (this) {
        if (now != null) {
          written.put(target, now);
        }
      }
    } catch (IOException | RuntimeException e) {
      failures.add(e);
      synchronized (this) {
        dirty.add(target);
      }
    }
  }

  private void write(HeldBundle newer, List<Exception> failures) {
    try {
      files.save(newer);
      synchronized (this) {
        writtenBundle = newer;
      }
    } catch (IOException | RuntimeException e) {
      failures.add(e);
    }
  }

  /** Writes what is not written yet. Records stay, for the next agent. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    write();
  }
}
