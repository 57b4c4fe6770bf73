package dev.signet.sandbox.world;

import dev.signet.sandbox.kubelet.Kubelet;
import dev.signet.sandbox.kubelet.KubeletConfig;
import dev.signet.sandbox.world.ProcessRuntime.Container;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** One node: its kubelet, its agent's pod, and where their files are. Thread-safe. */
public final class NodeHost implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  /** How a probe marks a condition that holds. */
  private static final String HOLDS = "[+] ";

  private final String name;
  private final NodeSetUp setUp;
  private final AgentProgram agent;
  private final ProcessRuntime runtime;
  private final Kubelet kubelet;
  private final PodRef agentPod;

  private NodeHost(
      String name,
      NodeSetUp setUp,
      AgentProgram agent,
      ProcessRuntime runtime,
      Kubelet kubelet,
      PodRef agentPod) {
    this.name = name;
    this.setUp = setUp;
    this.agent = agent;
    this.runtime = runtime;
    this.kubelet = kubelet;
    this.agentPod = agentPod;
  }

  /** Starts a kubelet, which registers the node, and creates the pod of the node's agent. */
  static NodeHost join(String name, NodeSetUp setUp, InstantSource clock) throws IOException {
    AgentProgram agent = new AgentProgram(name, setUp);
    ProcessRuntime runtime = new ProcessRuntime(setUp, agent);
    Files.createDirectories(agent.kubeletFolder());
    Kubelet kubelet =
        Kubelet.start(
            KubeletConfig.of(name, agent.kubeletFolder())
                .withSyncFrequency(setUp.config().kubeletSync())
                .withBackoffs(Duration.ofMillis(100), Duration.ofMillis(500)),
            setUp.api().kubelet(name),
            runtime,
            clock);
    PodRef pod =
        setUp
            .cluster()
            .createPod(
                Cluster.SYSTEM_NAMESPACE,
                PodManifests.agent("signet-agent-" + name, name, setUp.config()));
    return new NodeHost(name, setUp, agent, runtime, kubelet, pod);
  }

  /** Returns once the agent is ready, with the conditions that its probe says hold. */
  public String awaitAgent() throws InterruptedException {
    Child child =
        Eventually.await(START_LIMIT, this::agent)
            .orElseThrow(() -> new WorldException("kubelet does not start the agent of " + name));
    return setUp
        .processes()
        .awaitReady(child, agent.probe("readyz"), START_LIMIT)
        .lines()
        .filter(line -> line.startsWith(HOLDS))
        .map(line -> line.substring(HOLDS.length()))
        .collect(Collectors.joining(", "));
  }

  public String name() {
    return name;
  }

  /** Of the agent's plain HTTP server: {@code livez}, {@code readyz}, {@code metrics}. */
  public URI probe(String what) {
    return agent.probe(what);
  }

  /** The agent's process now; empty before its pod runs. */
  public Optional<Child> agent() {
    return started(agentPod).flatMap(Container::child);
  }

  /** SIGSTOP: it runs, and does nothing. */
  public void freezeAgent() {
    agent().orElseThrow().signal("STOP");
  }

  /** SIGCONT. */
  public void thawAgent() {
    agent().orElseThrow().signal("CONT");
  }

  private Optional<Container> started(PodRef pod) {
    return Optional.ofNullable(runtime.container(pod.uid()).getNow(null));
  }

  public PodRef agentPod() {
    return agentPod;
  }

  /** Where a driver's socket for kubelet is. */
  public Path csiSocket() {
    return agent.kubeletFolder().resolve("plugins").resolve(Cluster.DRIVER).resolve("csi.sock");
  }

  /** Where the agent keeps what outlives its process. */
  public Path agentState() {
    return agent.runFolder().resolve("state");
  }

  /**
   * A Workload API socket.
   *
   * @param path as the pod's containers see it
   * @param mountedNanos when it was mounted and they were about to start, by {@link
   *     System#nanoTime}
   */
  public record Socket(Path path, long mountedNanos) {
    /** For {@code SPIFFE_ENDPOINT_SOCKET}. */
    public String endpoint() {
      return "unix://" + path;
    }
  }

  /** The socket of a pod of this node; completes when its containers start. */
  public CompletableFuture<Socket> socket(PodRef pod) {
    return runtime
        .container(pod.uid())
        .thenApply(container ->
            new Socket(
                container.path(PodManifests.WORKLOAD_API + "/api.sock"), container.startedNanos()));
  }

  /** The process of a pod's container now; empty where it has none. */
  public Optional<Child> process(PodRef pod) {
    return started(pod).flatMap(Container::child);
  }

  /**
   * Lets kubelet publish the volumes of a pod again, as it does from time to time; completes when
   * that is done.
   */
  public CompletableFuture<Void> republish(PodRef pod) {
    return kubelet.republish(pod.uid());
  }

  /** Stops the pods and the kubelet. */
  @Override
  public void close() {
    kubelet.close();
  }
}
