package dev.signet.sandbox.world;

import java.time.Duration;
import java.util.List;

/**
 * How a world is set up.
 *
 * @param nodes on which an agent runs
 * @param svidTtl life of an SVID
 * @param backdate how long before its issuance it is valid
 * @param kubeletSync how often kubelets look at their pods again, and publish their volumes anew
 * @param processFlags JVM flags for the CA and the agents besides the usual
 * @param replicas of the CA: one keeps its store in a folder, several share a PostgreSQL
 * @param agentReview whether the agents review tokens, and the CA has no way to the API
 */
public record WorldConfig(
    String trustDomain,
    String cluster,
    List<String> nodes,
    Duration svidTtl,
    Duration backdate,
    Duration kubeletSync,
    List<String> processFlags,
    int replicas,
    boolean agentReview) {
  public WorldConfig {
    nodes = List.copyOf(nodes);
    processFlags = List.copyOf(processFlags);
  }

  /** Two nodes, and SVIDs as long as in production. */
  public static WorldConfig defaults() {
    return new WorldConfig(
        "shop.example",
        "demo",
        List.of("node-1", "node-2"),
        Duration.ofHours(1),
        Duration.ofMinutes(5),
        Duration.ofMinutes(1),
        List.of(),
        1,
        false);
  }

  public WorldConfig withNodes(String... names) {
    return new WorldConfig(
        trustDomain,
        cluster,
        List.of(names),
        svidTtl,
        backdate,
        kubeletSync,
        processFlags,
        replicas,
        agentReview);
  }

  /** Several replicas of the CA, on one PostgreSQL. */
  public WorldConfig withReplicas(int number) {
    return new WorldConfig(
        trustDomain,
        cluster,
        nodes,
        svidTtl,
        backdate,
        kubeletSync,
        processFlags,
        number,
        agentReview);
  }

  public WorldConfig withSvidTtl(Duration ttl) {
    return new WorldConfig(
        trustDomain,
        cluster,
        nodes,
        ttl,
        backdate,
        kubeletSync,
        processFlags,
        replicas,
        agentReview);
  }

  public WorldConfig withKubeletSync(Duration sync) {
    return new WorldConfig(
        trustDomain, cluster, nodes, svidTtl, backdate, sync, processFlags, replicas, agentReview);
  }

  public WorldConfig withProcessFlags(List<String> flags) {
    return new WorldConfig(
        trustDomain, cluster, nodes, svidTtl, backdate, kubeletSync, flags, replicas, agentReview);
  }

  /** A cluster whose API the CA cannot reach. */
  public WorldConfig withAgentReview() {
    return new WorldConfig(
        trustDomain, cluster, nodes, svidTtl, backdate, kubeletSync, processFlags, replicas, true);
  }

  public String workloadAudience() {
    return "signet://" + trustDomain + "/workload";
  }

  public String agentAudience() {
    return "signet://" + trustDomain + "/agent";
  }
}
