package dev.signet.ca.rotation;

import dev.signet.ca.keys.KeyId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a store holds about consumers, gathered as it is read in one moment, and what follows from
 * it. Used by one thread.
 */
public final class EvidenceRows {
  /**
   * A full report was composed a little before it was heard, by a clock that may be off; a pod
   * whose leaf was recorded meanwhile is not in it.
   */
  public static final Duration MEANWHILE = Duration.ofMinutes(5);

  private static final Comparator<Consumers.Pod> BY_PLACE =
      Comparator.comparing((Consumers.Pod pod) -> pod.node().cluster())
          .thenComparing(pod -> pod.node().nodeName())
          .thenComparing(Consumers.Pod::namespace)
          .thenComparing(Consumers.Pod::name)
          .thenComparing(Consumers.Pod::uid);

  private final List<ReplicaReport> replicas = new ArrayList<>();
  private final List<Consumers.Agent> agents = new ArrayList<>();
  private final Map<PodRef, List<LeafRow>> leaves = new LinkedHashMap<>();
  private final Map<PodRef, List<Consumers.Shown>> named = new HashMap<>();
  private final Set<PodRef> ended = new HashSet<>();
  private final Map<NodeRef, Instant> fullAt = new HashMap<>();

  /** A pod as its agent names it. */
  public record PodRef(NodeRef node, String uid) {}

  /** A pod's leaf. */
  public record LeafRow(
      PodRef pod,
      String namespace,
      String name,
      String spiffeId,
      String serial,
      KeyId issuer,
      Instant notAfter,
      Instant recordedAt) {}

  public void replica(ReplicaReport replica) {
    replicas.add(replica);
  }

  /** One with an unended SVID. */
  public void agent(Consumers.Agent agent) {
    agents.add(agent);
  }

  /** An unended leaf of a workload; those of a pod come in the order of their recording. */
  public void leaf(LeafRow leaf) {
    leaves.computeIfAbsent(leaf.pod(), _ -> new ArrayList<>()).add(leaf);
  }

  /** That an agent said it has a pod, whether it said anything of it or not. */
  public void named(PodRef pod, Optional<Consumers.Shown> shown) {
    named.computeIfAbsent(pod, _ -> new ArrayList<>()).addAll(shown.stream().toList());
  }

  /** A pod whose volume is known to be gone. */
  public void ended(PodRef pod) {
    ended.add(pod);
  }

  /** When a node's agent last named all of its pods. */
  public void full(NodeRef node, Instant at) {
    fullAt.put(node, at);
  }

  /** Joins them. */
  public Consumers consumers() {
    List<Consumers.Pod> pods = new ArrayList<>();
    leaves.forEach((pod, of) -> {
      if (!isGone(pod, of)) {
        pods.add(pod(pod, of, named.getOrDefault(pod, List.of())));
      }
    });
    pods.sort(BY_PLACE);
    return new Consumers(replicas, agents, pods);
  }

  private boolean isGone(PodRef pod, List<LeafRow> of) {
    if (ended.contains(pod)) {
      return true;
    }
    Optional<Instant> full = Optional.ofNullable(fullAt.get(pod.node()));
    return !named.containsKey(pod)
        && full.isPresent()
        && of.stream().allMatch(leaf -> leaf.recordedAt().isBefore(full.get().minus(MEANWHILE)));
  }

  private static Consumers.Pod pod(PodRef pod, List<LeafRow> leaves, List<Consumers.Shown> shown) {
    LeafRow newest = leaves.getLast();
    return new Consumers.Pod(
        pod.node(),
        newest.namespace(),
        newest.name(),
        pod.uid(),
        newest.spiffeId(),
        leaves.stream()
            .map(leaf -> new Consumers.Leaf(leaf.serial(), leaf.issuer(), leaf.notAfter()))
            .toList(),
        shown.stream().sorted(Comparator.comparing(Consumers.Shown::evidence)).toList());
  }
}
