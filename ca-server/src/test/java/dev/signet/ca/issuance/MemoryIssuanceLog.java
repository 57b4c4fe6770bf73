package dev.signet.ca.issuance;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiPredicate;
import java.util.function.LongSupplier;

/** A log in memory, with one writer thread as the real ones have, and with faults on order. */
public final class MemoryIssuanceLog implements IssuanceLog, LiveAgents, AutoCloseable {
  private final Map<String, IssuanceRecord> records = new LinkedHashMap<>();
  private final Map<String, String> outcomes = new HashMap<>();
  private final Map<String, LiveAgent> agents = new HashMap<>();
  private final ExecutorService writer =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("memory-log").daemon().factory());
  private volatile LongSupplier version = () -> 0;
  private volatile BiPredicate<String, String> banned = (_, _) -> false;
  private volatile Optional<RefusalReason> fault = Optional.empty();

  /** Refuses from now on; what is refused is not recorded. */
  public void refuse(RefusalReason reason) {
    fault = Optional.of(reason);
  }

  public void heal() {
    fault = Optional.empty();
  }

  /** Whose agents' and pods' records are refused, by cluster and node. */
  public MemoryIssuanceLog banning(BiPredicate<String, String> nodes) {
    banned = nodes;
    return this;
  }

  /** What the version of leaves is compared with. */
  public MemoryIssuanceLog fencedBy(LongSupplier newest) {
    version = newest;
    return this;
  }

  public synchronized List<LiveAgent> agents() {
    return List.copyOf(agents.values());
  }

  public synchronized List<IssuanceRecord> records() {
    return List.copyOf(records.values());
  }

  public synchronized Optional<String> outcome(String serial) {
    return Optional.ofNullable(outcomes.get(serial));
  }

  @Override
  public CompletableFuture<IssuanceRecord> record(IssuanceRecord record) {
    CompletableFuture<IssuanceRecord> answer = new CompletableFuture<>();
    writer.execute(() -> {
      try {
        write(record);
        answer.complete(record);
      } catch (RefusedException e) {
        answer.completeExceptionally(e);
      }
    });
    return answer;
  }

  private synchronized void write(IssuanceRecord record) throws RefusedException {
    if (fault.isPresent()) {
      throw new RefusedException(fault.get(), "on order");
    }
    long newest = version.getAsLong();
    if (record.stateVersion().orElse(newest) != newest) {
      throw new RefusedException(RefusalReason.REPLICA_BEHIND, "the store has " + newest);
    }
    if (record
        .attestation()
        .filter(facts -> banned.test(facts.cluster(), facts.nodeName()))
        .isPresent()) {
      throw new RefusedException(RefusalReason.AGENT_BANNED, "its node is banned");
    }
    Optional<LiveAgent> agent =
        record.kind() == CertificateKind.AGENT
            ? Optional.of(agent(record, record.attestation().orElseThrow()))
            : Optional.empty();
    if (agent.isPresent()) {
      check(agent.get(), record.replacesAgentPod());
    }
    if (records.putIfAbsent(record.serial(), record) != null) {
      throw new RefusedException(RefusalReason.CERTIFICATE_NOT_SOUND, "serial used before");
    }
    agent.ifPresent(live -> agents.put(key(live.cluster(), live.nodeName()), live));
  }

  private void check(LiveAgent agent, Optional<String> replaces) throws RefusedException {
    LiveAgent holder = agents.get(key(agent.cluster(), agent.nodeName()));
    if (holder != null
        && !holder.podUid().equals(agent.podUid())
        && !replaces.equals(Optional.of(holder.podUid()))) {
      throw new RefusedException(RefusalReason.AGENT_ALREADY_ON_NODE, holder.podUid());
    }
  }

  private static LiveAgent agent(IssuanceRecord record, Attestation facts) {
    return new LiveAgent(
        facts.cluster(),
        facts.nodeName(),
        facts.nodeUid(),
        facts.namespace(),
        facts.podName(),
        facts.podUid(),
        record.serial(),
        record.recordedAt(),
        record.validity().notAfter());
  }

  private static String key(String cluster, String node) {
    return cluster + " " + node;
  }

  @Override
  public synchronized void signed(String serial, String certificateSha256) {
    outcomes.putIfAbsent(serial, certificateSha256);
  }

  @Override
  public synchronized Optional<Instant> lastRecorded(String authorityKeyId)
      throws RefusedException {
    if (fault.isPresent()) {
      throw new RefusedException(fault.get(), "on order");
    }
    return new ArrayList<>(records.values())
        .stream()
            .filter(record -> record.authorityKeyId().equals(authorityKeyId))
            .map(IssuanceRecord::recordedAt)
            .max(Instant::compareTo);
  }

  @Override
  public synchronized Optional<LiveAgent> on(String cluster, String nodeName) {
    return Optional.ofNullable(agents.get(key(cluster, nodeName)));
  }

  @Override
  public void close() {
    writer.close();
  }
}
