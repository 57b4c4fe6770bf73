package dev.signet.sandbox.kubelet;

import dev.signet.sandbox.api.ApiAccess;
import dev.signet.sandbox.kubelet.PodWorker.Removed;
import dev.signet.sandbox.kubelet.PodWorker.Republish;
import dev.signet.sandbox.kubelet.PodWorker.Updated;
import io.kubernetes.client.openapi.ApiException;
import java.io.IOException;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stand-in for the kubelet of one node. It registers the node, runs the pods that are bound to it
 * through the API, and makes the calls of a real kubelet to CSI drivers that appear in its {@code
 * plugins_registry}.
 *
 * <p>For a pod: the tokens of its projected volumes are written and its inline CSI volumes
 * published; then its containers start and the pod is Running; at each sync (see {@link
 * KubeletConfig#syncFrequency}, and whenever the pod's object changes) tokens are renewed and
 * volumes published again. Containers that end are started again where the restart policy says so;
 * else the pod is Succeeded or Failed and its volumes are unpublished. A pod that is deleted gets
 * its grace period; when its containers have ended its volumes are unpublished and its object is
 * removed. Volumes of other kinds are left out.
 *
 * <p>What a mount cannot do now it tries again, with kubelet's back-off. Thread-safe. Closing it
 * kills its containers and leaves volumes and objects as they are, as the death of a node does;
 * delete pods first for an orderly end.
 */
public final class Kubelet implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Kubelet.class);
  private static final long CLOSED_WITHIN_SECONDS = 10;
  private static final Supplier<RandomGenerator> RANDOM = ThreadLocalRandom::current;

  private final KubeletConfig config;
  private final NodeApi api;
  private final PluginSockets sockets = new PluginSockets();
  private final CsiPlugins plugins = new CsiPlugins(sockets);
  private final PluginWatcher pluginWatcher;
  private final PodWatch podWatch;
  private final PodVolumes volumes;
  private final ContainerRuntime runtime;
  private final Map<String, PodWorker> workers = new ConcurrentHashMap<>();
  private final ExecutorService threads;

  private Kubelet(
      KubeletConfig config, ApiAccess access, ContainerRuntime runtime, InstantSource clock)
      throws IOException {
    this.config = config;
    this.runtime = runtime;
    this.api = new NodeApi(access, clock);
    PodTokens tokens = new PodTokens(api, clock, RANDOM);
    this.volumes =
        new PodVolumes(
            config,
            tokens,
            new TokenFiles(config, tokens),
            new CsiVolumes(config, api, tokens, plugins));
    this.pluginWatcher = new PluginWatcher(config.pluginsRegistry(), plugins);
    this.podWatch = new PodWatch(config.nodeName(), access, new Workers());
    this.threads =
        Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("kubelet-" + config.nodeName() + "-", 0).factory());
  }

  /**
   * Registers the node and begins to serve its pods and plugins.
   *
   * @param access the identity of this node's kubelet
   * @throws IOException if the folder cannot be used or the API server does not take the node
   */
  public static Kubelet start(
      KubeletConfig config, ApiAccess access, ContainerRuntime runtime, InstantSource clock)
      throws IOException {
    Kubelet kubelet = new Kubelet(config, access, runtime, clock);
    try {
      kubelet.api.register(config.nodeName());
    } catch (ApiException e) {
      kubelet.close();
      throw new IOException("The API server did not register node " + config.nodeName(), e);
    }
    kubelet.run(() -> {
      kubelet.pluginWatcher.run();
      return null;
    });
    kubelet.run(() -> {
      kubelet.podWatch.run();
      return null;
    });
    return kubelet;
  }

  private void run(Callable<?> loop) {
    threads.execute(() -> {
      try {
        loop.call();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        LOG.error("The kubelet of {} lost a loop", config.nodeName(), e);
      }
    });
  }

  /**
   * Syncs a pod now: its volumes are published again. Nothing happens for a pod that is not here.
   *
   * @return completes when the drivers have published them; never for a pod that ends before
   */
  public CompletableFuture<Void> republish(String podUid) {
    var published = new CompletableFuture<Void>();
    PodWorker worker = workers.get(podUid);
    if (worker != null) {
      worker.signal(new Republish(published));
    }
    return published;
  }

  @Override
  public void close() {
    podWatch.close();
    threads.shutdownNow();
    try {
      if (!threads.awaitTermination(CLOSED_WITHIN_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("The kubelet of {} did not stop in time", config.nodeName());
      }
      pluginWatcher.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.warn("The kubelet of {} could not stop watching plugins", config.nodeName(), e);
    }
    plugins.clear();
    sockets.close();
    api.close();
  }

  /** One worker a pod, from its first sight until its object is gone. */
  private final class Workers implements PodWatch.Listener {
    @Override
    public void all(List<BoundPod> pods) {
      Set<String> present = new HashSet<>();
      for (BoundPod pod : pods) {
        present.add(pod.uid());
        changed(pod);
      }
      for (String uid : Set.copyOf(workers.keySet())) {
        if (!present.contains(uid)) {
          drop(uid);
        }
      }
    }

    @Override
    public void changed(BoundPod pod) {
      PodWorker known = workers.get(pod.uid());
      if (known != null) {
        known.signal(new Updated(pod));
        return;
      }
      PodWorker worker = new PodWorker(config, api, volumes, runtime, pod, RANDOM);
      workers.put(pod.uid(), worker);
      threads.execute(worker);
    }

    @Override
    public void removed(BoundPod pod) {
      drop(pod.uid());
    }

    private void drop(String uid) {
      PodWorker worker = workers.remove(uid);
      if (worker != null) {
        worker.signal(new Removed());
      }
    }
  }
}
