package dev.signet.sandbox.world;

import dev.signet.process.Resources;
import dev.signet.sandbox.api.SandboxApi;
import dev.signet.sandbox.api.SandboxApiConfig;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A whole small cluster: the Kubernetes-style API in this process, and in processes of their own
 * the real CA, on each node the real agent in a pod of its own, and the programs of pods.
 *
 * <p>Thread-safe; {@link #close} may come at any moment from any thread, also while the world
 * starts. Whatever way this process ends, its guard ends the others and removes the folder.
 */
public final class World implements AutoCloseable {
  /** Told of each part of the world once it is there. */
  @FunctionalInterface
  public interface Progress {
    Progress NONE = (what, detail) -> {};

    void done(String what, String detail);
  }

  private static final Duration CREDENTIAL_LIFE = Duration.ofDays(1);

  private final WorldConfig config;
  private final WorldFolder folder;
  private final Guard guard;
  private final Resources resources = new Resources();
  private final Map<String, NodeHost> nodes = new ConcurrentHashMap<>();
  private final HttpClient http = HttpClient.newHttpClient();
  private volatile @Nullable Parts parts;

  /** What every world has once it has started. */
  private record Parts(SandboxApi api, Cluster cluster, Replicas cas) {}

  private World(WorldConfig config, WorldFolder folder, Guard guard) {
    this.config = config;
    this.folder = folder;
    this.guard = guard;
  }

  /** A folder and its guard; nothing runs yet. */
  public static World create(WorldConfig config) {
    WorldFolder folder = WorldFolder.create();
    return new World(config, folder, Guard.over(folder.root()));
  }

  /** Creates and starts it; closes it again where that fails. */
  public static World started(WorldConfig config) throws IOException, InterruptedException {
    World world = create(config);
    try {
      world.start(Progress.NONE);
      return world;
    } catch (IOException | InterruptedException | RuntimeException e) {
      world.close();
      throw e;
    }
  }

  /** Starts everything; returns once the agents are ready. */
  public void start(Progress progress) throws IOException, InterruptedException {
    Processes processes = opened(new Processes(Installation.find(), guard));
    InstantSource clock = InstantSource.system();
    SandboxApi api = opened(SandboxApi.start(SandboxApiConfig.defaults(), clock));
    Cluster cluster = new Cluster(api.admin());
    cluster.installSignet(config.workloadAudience(), config.agentReview());
    progress.done("kubernetes api", api.address() + " (in this process)");

    Ports ports = new Ports();
    Replicas cas = Replicas.create(config, folder, processes, ports, database(progress));
    for (CaProcess ca : cas.all()) {
      opened(ca);
    }
    parts = new Parts(api, cluster, cas);
    startFirst(cas.all().getFirst(), api);
    progress.done("ca", "trust root made by init; serves on " + cas.all().getFirst().address());
    for (CaProcess ca : cas.all().subList(1, cas.all().size())) {
      ca.join(caCredentials(api));
      ca.start();
      progress.done(ca.name(), "one more replica; serves on " + ca.address());
    }

    NodeSetUp setUp =
        new NodeSetUp(config, folder, processes, ports, api, cluster, cas, new AtomicInteger());
    for (String name : config.nodes()) {
      nodes.put(name, opened(NodeHost.join(name, setUp, clock)));
    }
    for (String name : config.nodes()) {
      progress.done(name, "agent ready: " + node(name).awaitAgent());
    }
  }

  /** Of the store that several replicas share; one alone keeps it in a folder. */
  private Optional<String> database(Progress progress) throws IOException {
    if (config.replicas() == 1) {
      return Optional.empty();
    }
    Database database = opened(Database.start(folder.root().resolve("pg"), guard));
    progress.done("postgresql", "a real one, for " + config.replicas() + " replicas of the CA");
    return Optional.of(database.url());
  }

  private void startFirst(CaProcess ca, SandboxApi api) throws IOException, InterruptedException {
    if (config.agentReview()) {
      ca.initWithoutApi(SandboxApiConfig.defaults().issuer(), api.admin().read("/openid/v1/jwks"));
    } else {
      ca.init(caCredentials(api));
    }
    ca.start();
  }

  private static String caCredentials(SandboxApi api) {
    return api.account(Cluster.SYSTEM_NAMESPACE, Cluster.CA_ACCOUNT, CREDENTIAL_LIFE).kubeconfig();
  }

  /** What is opened after the end has begun is closed at once. */
  private <T extends AutoCloseable> T opened(T resource) {
    try {
      return resources.add(resource);
    } catch (IllegalStateException e) {
      try (resource) {
        throw new WorldException("the world is ending: nothing is started any more", e);
      } catch (WorldException ending) {
        throw ending;
      } catch (Exception failure) {
        throw new WorldException("not closed in good order", failure);
      }
    }
  }

  private Parts parts() {
    Parts present = parts;
    if (present == null) {
      throw new IllegalStateException("the world has not started");
    }
    return present;
  }

  public WorldConfig config() {
    return config;
  }

  public WorldFolder folder() {
    return folder;
  }

  public SandboxApi api() {
    return parts().api();
  }

  /** The cluster as its administrator sees it. */
  public Cluster cluster() {
    return parts().cluster();
  }

  /** The CA, or its first replica. */
  public CaProcess ca() {
    return parts().cas().all().getFirst();
  }

  /** All replicas of the CA. */
  public List<CaProcess> cas() {
    return parts().cas().all();
  }

  public NodeHost node(String name) {
    NodeHost node = nodes.get(name);
    if (node == null) {
      throw new IllegalArgumentException("no agent runs on " + name);
    }
    return node;
  }

  /** Creates a pod; its node's kubelet takes it from there. */
  public PodRef run(Workload workload) {
    return cluster().createPod(workload.namespace(), PodManifests.workload(workload));
  }

  /** A node with all that belongs to it, in the hands of somebody else. */
  public StolenNode stealNode(String name) {
    cluster().createNode(name);
    PodRef agent =
        cluster()
            .createPod(
                Cluster.SYSTEM_NAMESPACE, PodManifests.agent("signet-agent-" + name, name, config));
    Cluster kubelet = new Cluster(api().kubelet(name));
    return new StolenNode(name, cluster(), kubelet, agent, config);
  }

  public Metrics caMetrics() throws IOException, InterruptedException {
    return Metrics.read(http, ca().probe("metrics"));
  }

  public Metrics agentMetrics(String node) throws IOException, InterruptedException {
    return Metrics.read(http, node(node).probe("metrics"));
  }

  /** Requests of all agents for SVIDs that failed for an outage. */
  public long failedRequests() throws IOException, InterruptedException {
    double failed = 0;
    for (String node : config.nodes()) {
      failed += agentMetrics(node).sum("signet_issue_total", "result=\"failed\"");
    }
    return Math.round(failed);
  }

  /** Where the output of a pod's program is. */
  public Path log(PodRef pod) {
    return folder.log(pod);
  }

  /** When the world has been closed, its logs are still there. */
  public void keepLogs() {
    guard.keepLogs();
  }

  /** Ends everything in reverse order, and whatever of it does not end by itself. */
  @Override
  public void close() {
    try (http;
        guard) {
      resources.close();
    }
  }
}
