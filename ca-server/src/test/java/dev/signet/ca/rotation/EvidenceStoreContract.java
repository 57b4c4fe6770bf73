package dev.signet.ca.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.issuance.IssuanceLog;
import dev.signet.ca.issuance.IssuanceRecord;
import dev.signet.ca.issuance.Records;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.Consumers.Shown;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every {@link EvidenceStore} does, together with its log. */
public abstract class EvidenceStoreContract {
  private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");
  private static final Instant END = NOW.plus(Duration.ofHours(1));
  private static final NodeRef NODE = new NodeRef("demo", "node-1");
  private static final NodeRef OTHER_NODE = new NodeRef("demo", "node-2");
  private static final String ISSUER = "authority-1";

  protected abstract EvidenceStore store();

  /** That of the same store. */
  protected abstract IssuanceLog log();

  @Test
  void newStore_knowsNobody() throws RefusedException {
    assertThat(store().consumers(NOW)).isEqualTo(new Consumers(List.of(), List.of(), List.of()));
  }

  @Test
  void replicas_areThereByName() throws RefusedException {
    ReplicaReport one = new ReplicaReport("replica-1", 3, 2, NOW);
    ReplicaReport two = new ReplicaReport("replica-2", 4, 2, NOW.plusSeconds(1));
    store().replica(two);
    store().replica(new ReplicaReport("replica-1", 1, 1, NOW.minusSeconds(9)));
    store().replica(one);

    assertThat(store().consumers(NOW).replicas()).containsExactly(one, two);
  }

  @Test
  void replicaNotSeenForAnHour_isLeftOut() throws RefusedException {
    store().replica(new ReplicaReport("replica-1", 1, 1, NOW));
    ReplicaReport stays = new ReplicaReport("replica-2", 1, 1, NOW.plusSeconds(2));
    store().replica(stays);
    ReplicaReport late =
        new ReplicaReport("replica-3", 1, 1, NOW.plus(Duration.ofHours(1)).plusSeconds(1));
    store().replica(late);

    assertThat(store().consumers(NOW).replicas()).containsExactly(stays, late);
  }

  @Test
  void agent_isThereByItsNewestSvidUntilItEnds() throws Exception {
    record(Records.agent("node-1", "agent-1", "authority-7", NOW, END));
    record(Records.agent("node-1", "agent-1", "authority-8", NOW, END.plusSeconds(60)));
    record(Records.agent("node-2", "agent-2", ISSUER, NOW, END));
    store().heard(List.of(report(NODE, 5, NOW.plusSeconds(3), false, Map.of(), Set.of())));

    assertThat(store().consumers(NOW).agents())
        .containsExactly(
            new Consumers.Agent(
                NODE,
                new KeyId("authority-8"),
                END.plusSeconds(60),
                5,
                Optional.of(NOW.plusSeconds(3))),
            new Consumers.Agent(OTHER_NODE, new KeyId(ISSUER), END, 0, Optional.empty()));
    assertThat(store().consumers(END).agents())
        .extracting(Consumers.Agent::node)
        .containsExactly(NODE);
  }

  /** An agent that came back with an older bundle holds the older one. */
  @Test
  void agentsNewestWord_counts() throws Exception {
    record(Records.agent("node-1", "agent-1", ISSUER, NOW, END));
    store().heard(List.of(report(NODE, 5, NOW, false, Map.of(), Set.of())));
    store().heard(List.of(report(NODE, 4, NOW.minusSeconds(1), false, Map.of(), Set.of())));

    assertThat(store().consumers(NOW).agents())
        .extracting(Consumers.Agent::revision)
        .containsExactly(4L);
  }

  @Test
  void pod_hasItsUnendedLeavesAndWhatWasShown() throws Exception {
    IssuanceRecord ended = Records.leaf("node-1", "pod-1", ISSUER, NOW, NOW.plusSeconds(10));
    IssuanceRecord first = Records.leaf("node-1", "pod-1", ISSUER, NOW, END);
    IssuanceRecord second =
        Records.leaf("node-1", "pod-1", "authority-2", NOW.plusSeconds(5), END.plusSeconds(5));
    record(ended, first, second, Records.leaf("node-1", "pod-9", ISSUER, NOW, NOW.plusSeconds(10)));
    store()
        .heard(
            List.of(
                report(
                    NODE,
                    2,
                    NOW,
                    true,
                    Map.of(
                        "pod-1",
                        List.of(
                            new AgentReport.Seen(Evidence.UNSEEN, 1, 1, first.serial()),
                            new AgentReport.Seen(Evidence.ACKNOWLEDGED, 2, 2, second.serial()))),
                    Set.of())));

    assertThat(store().consumers(NOW.plusSeconds(10)).pods())
        .containsExactly(
            new Consumers.Pod(
                NODE,
                "shop",
                "pod-of-pod-1",
                "pod-1",
                "spiffe://shop.example/ns/shop/sa/cart",
                List.of(
                    new Consumers.Leaf(first.serial(), new KeyId(ISSUER), END),
                    new Consumers.Leaf(
                        second.serial(), new KeyId("authority-2"), END.plusSeconds(5))),
                List.of(
                    new Shown(Evidence.ACKNOWLEDGED, 2, 2, second.serial(), NOW),
                    new Shown(Evidence.UNSEEN, 1, 1, first.serial(), NOW))));
  }

  @Test
  void podOfWhichNothingIsSaid_isThere() throws Exception {
    record(Records.leaf("node-2", "pod-2", ISSUER, NOW, END));
    record(Records.leaf("node-1", "pod-1", ISSUER, NOW, END));

    assertThat(store().consumers(NOW).pods())
        .extracting(Consumers.Pod::uid)
        .containsExactly("pod-1", "pod-2");
    assertThat(store().consumers(NOW).pods()).allMatch(pod -> pod.shown().isEmpty());
    assertThat(store().consumers(END).pods()).isEmpty();
  }

  @Test
  void since_changesWithRevisionAndSerialAlone() throws Exception {
    record(Records.leaf("node-1", "pod-1", ISSUER, NOW, END));
    Instant later = NOW.plusSeconds(70);
    hear(NOW, sent(1, 2, "a"));
    hear(later, sent(3, 2, "a"));
    assertThat(shown()).containsExactly(new Shown(Evidence.SENT, 3, 2, "a", NOW));
    hear(later, sent(3, 2, "b"));
    assertThat(shown()).containsExactly(new Shown(Evidence.SENT, 3, 2, "b", later));
    hear(later.plusSeconds(1), sent(3, 3, "b"));
    assertThat(shown()).containsExactly(new Shown(Evidence.SENT, 3, 3, "b", later.plusSeconds(1)));
  }

  /** What is said of a pod replaces all that was said of it. */
  @Test
  void classThatNobodyIsIn_isGone() throws Exception {
    record(Records.leaf("node-1", "pod-1", ISSUER, NOW, END));
    hear(NOW, sent(1, 2, "a"), new AgentReport.Seen(Evidence.HELD, 1, 2, "a"));
    hear(NOW.plusSeconds(1), sent(1, 2, "a"));
    assertThat(shown()).containsExactly(new Shown(Evidence.SENT, 1, 2, "a", NOW));
    hear(NOW.plusSeconds(2));
    assertThat(shown()).isEmpty();
    hear(NOW.plusSeconds(3), sent(1, 2, "a"));
    assertThat(shown()).containsExactly(new Shown(Evidence.SENT, 1, 2, "a", NOW.plusSeconds(3)));
  }

  @Test
  void endedPod_isGoneUntilItIsNamedAgain() throws Exception {
    record(Records.leaf("node-1", "pod-1", ISSUER, NOW, END));
    record(Records.leaf("node-2", "pod-1", ISSUER, NOW, END));
    hear(NOW, sent(1, 2, "a"));
    store().heard(List.of(report(NODE, 2, NOW.plusSeconds(1), false, Map.of(), Set.of("pod-1"))));
    // A leaf that was under way makes no pod alive.
    record(Records.leaf("node-1", "pod-1", ISSUER, NOW.plusSeconds(2), END));

    assertThat(store().consumers(NOW).pods())
        .extracting(Consumers.Pod::node)
        .containsExactly(OTHER_NODE);
    hear(NOW.plusSeconds(3), sent(1, 2, "a"));
    assertThat(shown()).containsExactly(new Shown(Evidence.SENT, 1, 2, "a", NOW.plusSeconds(3)));
  }

  @Test
  void fullReport_endsWhomItDoesNotNameAndOnThatNodeAlone() throws Exception {
    for (String pod : List.of("pod-1", "pod-2", "pod-3")) {
      record(Records.leaf("node-1", pod, ISSUER, NOW, END));
    }
    record(Records.leaf("node-2", "pod-4", ISSUER, NOW, END));
    List<AgentReport.Seen> seen = List.of(sent(1, 2, "a"));
    store()
        .heard(
            List.of(
                report(NODE, 2, NOW, false, Map.of("pod-1", seen, "pod-2", seen), Set.of()),
                report(OTHER_NODE, 2, NOW, false, Map.of("pod-4", seen), Set.of())));
    store()
        .heard(
            List.of(
                report(
                    NODE,
                    2,
                    NOW.plusSeconds(9),
                    true,
                    Map.of("pod-1", List.<AgentReport.Seen>of()),
                    Set.of())));

    // Of pod-3 its agent said nothing ever: its leaf may be younger than the report.
    assertThat(uids(NOW)).containsExactly("pod-1", "pod-3", "pod-4");
    Instant later = NOW.plus(EvidenceRows.MEANWHILE).plusSeconds(1);
    store()
        .heard(
            List.of(
                report(
                    NODE, 2, later, true, Map.of("pod-1", List.<AgentReport.Seen>of()), Set.of())));
    assertThat(uids(NOW)).containsExactly("pod-1", "pod-4");
  }

  @Test
  void reportsOfOneNodeTogether_countInTheirOrder() throws Exception {
    for (String pod : List.of("pod-1", "pod-2", "pod-3")) {
      record(Records.leaf("node-1", pod, ISSUER, NOW, END));
    }
    record(Records.agent("node-1", "agent-1", ISSUER, NOW, END));
    Map<String, List<AgentReport.Seen>> one = Map.of("pod-1", List.of(sent(1, 2, "a")));
    Map<String, List<AgentReport.Seen>> two = Map.of("pod-2", List.of(sent(1, 2, "a")));
    store()
        .heard(
            List.of(
                report(NODE, 1, NOW, false, one, Set.of("pod-3")),
                report(NODE, 2, NOW.plusSeconds(1), true, two, Set.of()),
                report(NODE, 3, NOW.plusSeconds(2), false, two, Set.of())));

    assertThat(store().consumers(NOW).pods())
        .singleElement()
        .satisfies(pod -> {
          assertThat(pod.uid()).isEqualTo("pod-2");
          assertThat(pod.shown())
              .containsExactly(new Shown(Evidence.SENT, 1, 2, "a", NOW.plusSeconds(1)));
        });
    assertThat(store().consumers(NOW).agents())
        .extracting(Consumers.Agent::revision)
        .containsExactly(3L);
  }

  /** Consumers of a whole trust domain: 1,000 nodes of 10 pods, two leaves each. */
  @Test
  void tenThousandPods_areReadInWellUnderASecond() throws Exception {
    List<CompletableFuture<IssuanceRecord>> records = new ArrayList<>();
    List<AgentReport> reports = new ArrayList<>();
    for (int node = 0; node < 1000; node++) {
      Map<String, List<AgentReport.Seen>> pods = new HashMap<>();
      for (int pod = 0; pod < 10; pod++) {
        String uid = "pod-" + node + "-" + pod;
        for (int leaf = 0; leaf < 2; leaf++) {
          records.add(
              log().record(Records.leaf("n-" + node, uid, ISSUER, NOW.plusSeconds(leaf), END)));
          if (records.size() >= 4000) {
            await(records);
          }
        }
        pods.put(uid, List.of(sent(1, 2, "a"), new AgentReport.Seen(Evidence.HELD, 1, 2, "a")));
      }
      reports.add(report(new NodeRef("demo", "n-" + node), 2, NOW, true, pods, Set.of()));
    }
    await(records);
    long heardFrom = System.nanoTime();
    store().heard(reports);
    long heard = System.nanoTime() - heardFrom;
    // The best of some: it is about the store, not about what else the machine does.
    Duration best = Duration.ofHours(1);
    for (int i = 0; i < 10 && best.compareTo(Duration.ofMillis(500)) > 0; i++) {
      long from = System.nanoTime();
      Consumers found = store().consumers(NOW);
      Duration took = Duration.ofNanos(System.nanoTime() - from);
      best = took.compareTo(best) < 0 ? took : best;
      assertThat(found.pods()).hasSize(10_000);
      assertThat(found.pods()).allMatch(pod -> pod.leaves().size() == 2 && pod.shown().size() == 2);
    }
    System.out.printf(
        "%s: 10,000 pods heard of in %d ms, read in %d ms%n",
        getClass().getSimpleName(), TimeUnit.NANOSECONDS.toMillis(heard), best.toMillis());

    assertThat(best).isLessThan(Duration.ofSeconds(1));
  }

  private static void await(List<CompletableFuture<IssuanceRecord>> records) throws Exception {
    for (CompletableFuture<IssuanceRecord> record : records) {
      assertThat(record.get(60, TimeUnit.SECONDS)).isNotNull();
    }
    records.clear();
  }

  protected final void record(IssuanceRecord... records) throws Exception {
    for (IssuanceRecord record : records) {
      assertThat(log().record(record).get(20, TimeUnit.SECONDS)).isNotNull();
    }
  }

  private void hear(Instant at, AgentReport.Seen... seen) throws RefusedException {
    store().heard(List.of(report(NODE, 2, at, false, Map.of("pod-1", List.of(seen)), Set.of())));
  }

  private List<Shown> shown() throws RefusedException {
    return store().consumers(NOW).pods().stream()
        .filter(pod -> pod.node().equals(NODE))
        .flatMap(pod -> pod.shown().stream())
        .toList();
  }

  private List<String> uids(Instant at) throws RefusedException {
    return store().consumers(at).pods().stream().map(Consumers.Pod::uid).toList();
  }

  private static AgentReport.Seen sent(int consumers, long revision, String serial) {
    return new AgentReport.Seen(Evidence.SENT, consumers, revision, serial);
  }

  protected static AgentReport report(
      NodeRef node,
      long revision,
      Instant heard,
      boolean full,
      Map<String, List<AgentReport.Seen>> pods,
      Set<String> ended) {
    return new AgentReport(node, revision, "replica-1", heard, full, pods, ended);
  }
}
