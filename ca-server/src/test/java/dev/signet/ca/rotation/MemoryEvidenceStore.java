package dev.signet.ca.rotation;

import dev.signet.ca.issuance.Attestation;
import dev.signet.ca.issuance.CertificateKind;
import dev.signet.ca.issuance.IssuanceRecord;
import dev.signet.ca.issuance.LiveAgent;
import dev.signet.ca.issuance.MemoryIssuanceLog;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.EvidenceRows.LeafRow;
import dev.signet.ca.rotation.EvidenceRows.PodRef;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Evidence in memory, beside a log in memory. Thread-safe. */
public final class MemoryEvidenceStore implements EvidenceStore {
  private final MemoryIssuanceLog log;
  private final Map<String, ReplicaReport> replicas = new TreeMap<>();
  private final Map<NodeRef, EvidenceBatch.OfNode> agents = new HashMap<>();
  private final Map<NodeRef, Instant> fullAt = new HashMap<>();
  private final Map<PodRef, List<Consumers.Shown>> pods = new HashMap<>();
  private final Set<PodRef> ended = new HashSet<>();
  private boolean failing;

  public MemoryEvidenceStore(MemoryIssuanceLog log) {
    this.log = log;
  }

  /** Every call fails from now on. */
  public synchronized void fail(boolean fails) {
    failing = fails;
  }

  @Override
  public synchronized void heard(List<AgentReport> reports) throws RefusedException {
    check();
    EvidenceBatch.of(reports).nodes().forEach(this::write);
  }

  private void write(EvidenceBatch.OfNode of) {
    agents.put(of.node(), of);
    Set<PodRef> gone = new HashSet<>();
    of.ended().forEach(uid -> gone.add(new PodRef(of.node(), uid)));
    if (of.full()) {
      fullAt.put(of.node(), of.heard());
      pods.keySet().stream()
          .filter(pod -> pod.node().equals(of.node()) && !of.pods().containsKey(pod.uid()))
          .forEach(gone::add);
    }
    pods.keySet().removeAll(gone);
    ended.addAll(gone);
    of.pods()
        .forEach((uid, shown) -> {
          PodRef pod = new PodRef(of.node(), uid);
          ended.remove(pod);
          pods.put(pod, EvidenceBatch.since(pods.getOrDefault(pod, List.of()), shown));
        });
  }

  @Override
  public synchronized void replica(ReplicaReport report) throws RefusedException {
    check();
    replicas.put(report.replica(), report);
    replicas.values().removeIf(of -> of.seen().isBefore(report.seen().minus(Duration.ofHours(1))));
  }

  @Override
  public synchronized Consumers consumers(Instant unexpiredAt) throws RefusedException {
    check();
    EvidenceRows rows = new EvidenceRows();
    replicas.values().forEach(rows::replica);
    List<IssuanceRecord> records = log.records();
    log.agents().stream()
        .filter(agent -> agent.notAfter().isAfter(unexpiredAt))
        .sorted(Comparator.comparing(LiveAgent::cluster).thenComparing(LiveAgent::nodeName))
        .forEach(agent -> rows.agent(agent(agent, records)));
    records.stream()
        .filter(record ->
            record.kind() == CertificateKind.WORKLOAD
                && record.validity().notAfter().isAfter(unexpiredAt))
        .sorted(Comparator.comparing(IssuanceRecord::recordedAt))
        .forEach(record -> rows.leaf(leaf(record, record.attestation().orElseThrow())));
    fullAt.forEach(rows::full);
    ended.forEach(rows::ended);
    pods.forEach((pod, shown) -> {
      rows.named(pod, Optional.empty());
      shown.forEach(each -> rows.named(pod, Optional.of(each)));
    });
    return rows.consumers();
  }

  private Consumers.Agent agent(LiveAgent agent, List<IssuanceRecord> records) {
    NodeRef node = new NodeRef(agent.cluster(), agent.nodeName());
    Optional<EvidenceBatch.OfNode> said = Optional.ofNullable(agents.get(node));
    return new Consumers.Agent(
        node,
        records.stream()
            .filter(record -> record.serial().equals(agent.serial()))
            .map(record -> new KeyId(record.authorityKeyId()))
            .findFirst()
            .orElseThrow(),
        agent.notAfter(),
        said.map(EvidenceBatch.OfNode::revision).orElse(0L),
        said.map(EvidenceBatch.OfNode::heard));
  }

  private static LeafRow leaf(IssuanceRecord record, Attestation facts) {
    return new LeafRow(
        new PodRef(new NodeRef(facts.cluster(), facts.nodeName()), facts.podUid()),
        facts.namespace(),
        facts.podName(),
        record.id().toString(),
        record.serial(),
        new KeyId(record.authorityKeyId()),
        record.validity().notAfter(),
        record.recordedAt());
  }

  private void check() throws RefusedException {
    if (failing) {
      throw new RefusedException(RefusalReason.STORE_UNAVAILABLE, "on order");
    }
  }
}
