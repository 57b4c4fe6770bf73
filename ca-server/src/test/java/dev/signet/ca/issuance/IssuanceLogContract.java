package dev.signet.ca.issuance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.rotation.Changes;
import dev.signet.ca.rotation.TrustStateStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every {@link IssuanceLog} does, together with its {@link LiveAgents}. */
public abstract class IssuanceLogContract {
  private static final long BOUND_SECONDS = 20;

  protected abstract IssuanceLog log();

  protected abstract LiveAgents liveAgents();

  /** That of the same store. */
  protected abstract TrustStateStore trustStates();

  /** The serial numbers of all durable records, in the order of their recording. */
  protected abstract List<String> recorded();

  /** The outcome of a record, if it has arrived. */
  protected abstract Optional<String> outcome(String serial);

  @Test
  void record_isThereWhenItsFutureCompletes() throws Exception {
    IssuanceRecord record = Records.workload();

    assertThat(get(log().record(record))).isEqualTo(record);
    assertThat(recorded()).containsExactly(record.serial());
  }

  @Test
  void records_keepTheirOrder() throws Exception {
    List<IssuanceRecord> records =
        IntStream.range(0, 1000).mapToObj(_ -> Records.workload()).toList();
    List<CompletableFuture<IssuanceRecord>> answers =
        records.stream().map(record -> log().record(record)).toList();
    for (CompletableFuture<IssuanceRecord> answer : answers) {
      assertThat(get(answer)).isNotNull();
    }

    assertThat(recorded())
        .containsExactlyElementsOf(records.stream().map(IssuanceRecord::serial).toList());
  }

  /** F45: should the generator ever repeat itself, it ends here. */
  @Test
  void serialUsedBefore_isRefusedAndHarmsNoNeighbour() throws Exception {
    IssuanceRecord first = Records.workload("abc");
    assertThat(get(log().record(first))).isNotNull();
    List<CompletableFuture<IssuanceRecord>> group = new ArrayList<>();
    IssuanceRecord before = Records.workload();
    IssuanceRecord after = Records.workload();
    for (IssuanceRecord record : List.of(before, Records.workload("abc"), after)) {
      group.add(log().record(record));
    }

    assertThat(refusal(group.get(1))).isEqualTo(RefusalReason.CERTIFICATE_NOT_SOUND);
    assertThat(get(group.get(0))).isNotNull();
    assertThat(get(group.get(2))).isNotNull();
    assertThat(recorded()).containsExactly("abc", before.serial(), after.serial());
  }

  @Test
  void outcome_isAddedOnce() throws Exception {
    IssuanceRecord record = Records.workload();
    assertThat(get(log().record(record))).isNotNull();
    assertThat(outcome(record.serial())).isEmpty();

    for (String sha256 : List.of("cd".repeat(32), "ef".repeat(32))) {
      log().signed(record.serial(), sha256);
      // With it, or before it, travels what was said before it.
      assertThat(get(log().record(Records.workload()))).isNotNull();
      assertThat(outcome(record.serial())).contains("cd".repeat(32));
    }
  }

  @Test
  void outcomeThatNoRecordFollows_arrivesSoon() throws Exception {
    IssuanceRecord record = Records.workload();
    assertThat(get(log().record(record))).isNotNull();
    log().signed(record.serial(), "cd".repeat(32));

    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(BOUND_SECONDS);
    while (outcome(record.serial()).isEmpty()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(end);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    assertThat(outcome(record.serial())).contains("cd".repeat(32));
  }

  @Test
  void lastRecorded_isTheLatestOfItsKey() throws Exception {
    assertThat(log().lastRecorded("authority-9")).isEmpty();
    for (long seconds : new long[] {0, 60, 30}) {
      assertThat(get(log().record(Records.server("authority-9", Records.NOW.plusSeconds(seconds)))))
          .isNotNull();
    }
    assertThat(get(log().record(Records.server("authority-8", Records.NOW.plusSeconds(90)))))
        .isNotNull();

    assertThat(log().lastRecorded("authority-9")).contains(Records.NOW.plusSeconds(60));
  }

  @Test
  void firstAgentOfANode_lives() throws Exception {
    IssuanceRecord agent = Records.agent("node-1", "pod-1", Optional.empty());
    assertThat(liveAgents().on("demo", "node-1")).isEmpty();
    assertThat(get(log().record(agent))).isNotNull();

    assertThat(liveAgents().on("demo", "node-1"))
        .contains(
            new LiveAgent(
                "demo",
                "node-1",
                "node-1-uid",
                "shop",
                "pod-of-pod-1",
                "pod-1",
                agent.serial(),
                agent.recordedAt(),
                agent.validity().notAfter()));
    assertThat(liveAgents().on("other", "node-1")).isEmpty();
  }

  @Test
  void samePodAgain_replacesItsSerial() throws Exception {
    assertThat(get(log().record(Records.agent("node-1", "pod-1", Optional.empty())))).isNotNull();
    IssuanceRecord again = Records.agent("node-1", "pod-1", Optional.empty());
    assertThat(get(log().record(again))).isNotNull();

    assertThat(liveAgents().on("demo", "node-1").orElseThrow().serial()).isEqualTo(again.serial());
  }

  /** T13, T17: one live agent per node. */
  @Test
  void otherPod_isRefusedAndLeavesNoRecord() throws Exception {
    IssuanceRecord first = Records.agent("node-1", "pod-1", Optional.empty());
    assertThat(get(log().record(first))).isNotNull();

    assertThat(refusal(log().record(Records.agent("node-1", "pod-2", Optional.empty()))))
        .isEqualTo(RefusalReason.AGENT_ALREADY_ON_NODE);
    assertThat(refusal(log().record(Records.agent("node-1", "pod-2", Optional.of("pod-3")))))
        .isEqualTo(RefusalReason.AGENT_ALREADY_ON_NODE);
    assertThat(liveAgents().on("demo", "node-1").orElseThrow().podUid()).isEqualTo("pod-1");
    assertThat(recorded()).containsExactly(first.serial());
  }

  @Test
  void otherPodThatReplacesTheEndedOne_lives() throws Exception {
    assertThat(get(log().record(Records.agent("node-1", "pod-1", Optional.empty())))).isNotNull();
    assertThat(get(log().record(Records.agent("node-1", "pod-2", Optional.of("pod-1")))))
        .isNotNull();

    assertThat(liveAgents().on("demo", "node-1").orElseThrow().podUid()).isEqualTo("pod-2");
  }

  /** T41, R6: single use by race. */
  @Test
  void manyPodsAtOnceOnANode_oneLives() throws Exception {
    List<CompletableFuture<IssuanceRecord>> answers =
        IntStream.range(0, 100)
            .mapToObj(i -> log().record(Records.agent("node-1", "pod-" + i, Optional.empty())))
            .toList();
    int granted = 0;
    for (CompletableFuture<IssuanceRecord> answer : answers) {
      if (succeeded(answer)) {
        granted++;
      } else {
        assertThat(refusal(answer)).isEqualTo(RefusalReason.AGENT_ALREADY_ON_NODE);
      }
    }

    assertThat(granted).isEqualTo(1);
    assertThat(recorded()).hasSize(1);
  }

  @Test
  void agentsOfOtherNodes_doNotMeet() throws Exception {
    assertThat(get(log().record(Records.agent("node-1", "pod-1", Optional.empty())))).isNotNull();
    assertThat(get(log().record(Records.agent("node-2", "pod-2", Optional.empty())))).isNotNull();

    assertThat(recorded()).hasSize(2);
  }

  /** A replica that did not see the newest step signs nothing, be it as the last one that does. */
  @Test
  void recordByAnotherVersion_isRefusedAndHarmsNoNeighbour() throws Exception {
    assertThat(trustStates().step(Changes.pause(trustStates().state(), true))).isTrue();
    IssuanceRecord good = Records.at(1, Records.workload());
    IssuanceRecord own = Records.authority("root-1");
    List<CompletableFuture<IssuanceRecord>> answers =
        List.of(
                Records.workload(),
                good,
                Records.agent("node-1", "pod-1", Optional.empty()),
                Records.at(2, Records.workload()),
                own,
                Records.server("authority-1", Records.NOW))
            .stream()
            .map(record -> log().record(record))
            .toList();

    for (int behind : new int[] {0, 2, 3, 5}) {
      assertThat(refusal(answers.get(behind))).isEqualTo(RefusalReason.REPLICA_BEHIND);
    }
    assertThat(get(answers.get(1))).isEqualTo(good);
    assertThat(get(answers.get(4))).isEqualTo(own);
    assertThat(recorded()).containsExactly(good.serial(), own.serial());
    assertThat(liveAgents().on("demo", "node-1")).isEmpty();
  }

  /**
   * What was under way when its node was banned is not signed, though it goes by the new version.
   */
  @Test
  void recordOfABannedNode_isRefused() throws Exception {
    assertThat(trustStates().step(Changes.ban(trustStates().state(), "demo", "node-1"))).isTrue();

    assertThat(
            refusal(
                log().record(Records.at(1, Records.agent("node-1", "pod-1", Optional.empty())))))
        .isEqualTo(RefusalReason.AGENT_BANNED);
    IssuanceRecord other = Records.at(1, Records.agent("node-2", "pod-2", Optional.empty()));
    assertThat(get(log().record(other))).isEqualTo(other);
    assertThat(liveAgents().on("demo", "node-1")).isEmpty();
  }

  /** From when a step is made on, nothing is recorded by the version before. */
  @Test
  void stepAmidRecords_isTheLastOfItsVersion() throws Exception {
    List<CompletableFuture<IssuanceRecord>> before = new ArrayList<>();
    for (long version = 0; version < 5; version++) {
      for (int i = 0; i < 200; i++) {
        before.add(log().record(Records.at(version, Records.workload())));
      }
      assertThat(trustStates().step(Changes.pause(trustStates().state(), version % 2 == 0)))
          .isTrue();
      List<String> then = recorded();
      assertThat(refusal(log().record(Records.at(version, Records.workload()))))
          .isEqualTo(RefusalReason.REPLICA_BEHIND);
      for (CompletableFuture<IssuanceRecord> answer : before) {
        if (succeeded(answer)) {
          assertThat(then).contains(answer.get().serial());
        } else {
          assertThat(refusal(answer)).isEqualTo(RefusalReason.REPLICA_BEHIND);
        }
      }
      assertThat(recorded()).isEqualTo(then);
      before.clear();
    }
  }

  protected static IssuanceRecord get(CompletableFuture<IssuanceRecord> answer) throws Exception {
    return answer.get(BOUND_SECONDS, TimeUnit.SECONDS);
  }

  protected static RefusalReason refusal(CompletableFuture<?> answer)
      throws InterruptedException, TimeoutException {
    try {
      Object value = answer.get(BOUND_SECONDS, TimeUnit.SECONDS);
      throw new AssertionError("was not refused: " + value);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RefusedException refused) {
        return refused.refusal().reason();
      }
      throw new AssertionError("no refusal", e);
    }
  }

  private static boolean succeeded(CompletableFuture<IssuanceRecord> answer)
      throws InterruptedException, TimeoutException {
    try {
      return answer.get(BOUND_SECONDS, TimeUnit.SECONDS) != null;
    } catch (ExecutionException _) {
      return false;
    }
  }
}
