package dev.signet.ca.rotation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What several reports say when taken one after another, so that each row is written once. Nodes
 * are in the order of their names: stores that lock them do it in the same order.
 */
public record EvidenceBatch(List<OfNode> nodes) {
  public EvidenceBatch {
    nodes = List.copyOf(nodes);
  }

  /**
   * All that is new of one node.
   *
   * @param revision of its agent, as it said last
   * @param full whether pods of the node that are not in {@code pods} are gone
   * @param pods by UID; each list is all that is known of the pod from now on
   * @param ended UIDs; none is in {@code pods}
   */
  public record OfNode(
      NodeRef node,
      long revision,
      String replica,
      Instant heard,
      boolean full,
      Map<String, List<Consumers.Shown>> pods,
      Set<String> ended) {
    public OfNode {
      pods = Map.copyOf(pods);
      ended = Set.copyOf(ended);
    }
  }

  /** Takes reports in the order in which they were heard. */
  public static EvidenceBatch of(List<AgentReport> reports) {
    Map<NodeRef, OfNode> byNode = new HashMap<>();
    for (AgentReport report : reports) {
      OfNode next = of(report);
      OfNode before = byNode.get(report.node());
      byNode.put(report.node(), before == null ? next : then(before, next));
    }
    return new EvidenceBatch(
        byNode.values().stream()
            .sorted(
                Comparator.comparing((OfNode of) -> of.node().cluster())
                    .thenComparing(of -> of.node().nodeName()))
            .toList());
  }

  private static OfNode of(AgentReport report) {
    Map<String, List<Consumers.Shown>> pods = new HashMap<>();
    report.pods().forEach((uid, seen) -> pods.put(uid, shown(seen, report.heard())));
    Set<String> ended = new HashSet<>(report.ended());
    ended.removeAll(pods.keySet());
    return new OfNode(
        report.node(),
        report.revision(),
        report.replica(),
        report.heard(),
        report.full(),
        pods,
        ended);
  }

  private static List<Consumers.Shown> shown(List<AgentReport.Seen> seen, Instant heard) {
    Map<Evidence, Consumers.Shown> byClass = new EnumMap<>(Evidence.class);
    for (AgentReport.Seen of : seen) {
      // Should a class be there twice, the one that is further behind counts.
      byClass.merge(
          of.evidence(),
          new Consumers.Shown(of.evidence(), of.consumers(), of.revision(), of.serial(), heard),
          (one, other) -> one.revision() <= other.revision() ? one : other);
    }
    return List.copyOf(byClass.values());
  }

  private static OfNode then(OfNode before, OfNode next) {
    Map<String, List<Consumers.Shown>> pods = new HashMap<>();
    Set<String> ended = new HashSet<>(before.ended());
    if (next.full()) {
      ended.addAll(before.pods().keySet());
    } else {
      pods.putAll(before.pods());
      pods.keySet().removeAll(next.ended());
    }
    next.pods()
        .forEach((uid, shown) ->
            pods.put(uid, since(before.pods().getOrDefault(uid, List.of()), shown)));
    ended.addAll(next.ended());
    ended.removeAll(pods.keySet());
    return new OfNode(
        next.node(),
        next.revision(),
        next.replica(),
        next.heard(),
        before.full() || next.full(),
        pods,
        ended);
  }

  /** What the consumers of a class show now, with the time since which they showed just that. */
  static List<Consumers.Shown> since(List<Consumers.Shown> before, List<Consumers.Shown> now) {
    List<Consumers.Shown> kept = new ArrayList<>();
    for (Consumers.Shown shown : now) {
      Instant since =
          before.stream()
              .filter(of ->
                  of.evidence() == shown.evidence()
                      && of.revision() == shown.revision()
                      && of.serial().equals(shown.serial()))
              .map(Consumers.Shown::since)
              .findFirst()
              .orElse(shown.since());
      kept.add(
          new Consumers.Shown(
              shown.evidence(), shown.consumers(), shown.revision(), shown.serial(), since));
    }
    return kept;
  }
}
