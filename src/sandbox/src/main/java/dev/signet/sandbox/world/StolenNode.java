package dev.signet.sandbox.world;

/**
 * A node in the hands of somebody else: the Node object, its kubelet's credentials and its agent's
 * pod are real; nothing of Signet runs on it. Thread-safe.
 */
public final class StolenNode {
  private final String name;
  private final Cluster administrator;
  private final Cluster kubelet;
  private final PodRef agent;
  private final WorldConfig config;

  StolenNode(
      String name, Cluster administrator, Cluster kubelet, PodRef agent, WorldConfig config) {
    this.name = name;
    this.administrator = administrator;
    this.kubelet = kubelet;
    this.agent = agent;
    this.config = config;
  }

  public String name() {
    return name;
  }

  /** The pod of the node's agent. */
  public PodRef agent() {
    return agent;
  }

  /** A genuine token of the node's agent: a secret. */
  public String agentToken() {
    return token(agent, config.agentAudience());
  }

  /** Another pod of the agents' account on the same node. */
  public PodRef secondAgent() {
    return administrator.createPod(
        Cluster.SYSTEM_NAMESPACE, PodManifests.agent(agent.name() + "-2", name, config));
  }

  /** A pod of that account that was scheduled here. */
  public PodRef pod(String namespace, String podName, String account) {
    return administrator.createPod(
        namespace, PodManifests.workload(Workload.pause(namespace, podName, account, name)));
  }

  /** What kubelet's credentials get for a pod of this node: a secret. */
  public String token(PodRef pod, String audience) {
    return kubelet.token(pod, audience);
  }
}
