package dev.signet.ca.adapter.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.issuance.IssuanceLog;
import dev.signet.ca.issuance.IssuanceLogContract;
import dev.signet.ca.issuance.IssuanceRecord;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.LiveAgents;
import dev.signet.ca.issuance.Records;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.rotation.TrustStateStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

@TestInstance(Lifecycle.PER_CLASS)
class PostgresIssuanceLogTest extends IssuanceLogContract {
  private final String url = newDatabase();
  private final PostgresStore store = PostgresStores.create(url);

  private static String newDatabase() {
    try {
      return PostgresServer.shared().newDatabase();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeEach
  void empty() throws SQLException {
    PostgresStores.empty(url);
  }

  @AfterAll
  void close() {
    store.close();
  }

  @Override
  protected IssuanceLog log() {
    return store.issuanceLog();
  }

  @Override
  protected TrustStateStore trustStates() {
    return store.trustStates();
  }

  @Override
  protected LiveAgents liveAgents() {
    return store.liveAgents();
  }

  @Override
  protected List<String> recorded() {
    return PostgresStores.strings(url, "SELECT serial FROM issuance ORDER BY sequence");
  }

  @Override
  protected Optional<String> outcome(String serial) {
    String sql = "SELECT certificate_sha256 FROM issuance WHERE serial = '" + serial + "'";
    return PostgresStores.strings(url, sql).stream().findFirst();
  }

  @Test
  void record_saysWhoReviewed() throws Exception {
    assertThat(get(log().record(Records.workload()))).isNotNull();
    assertThat(get(log().record(Records.agentReviewed()))).isNotNull();
    assertThat(get(log().record(Records.server("authority-1", Records.NOW)))).isNotNull();

    assertThat(
            PostgresStores.strings(
                url, "SELECT coalesce(review, 'none') FROM issuance ORDER BY sequence"))
        .containsExactly("CA_REVIEW", "AGENT_REVIEW", "none");
  }

  /** PostgreSQL takes no NUL in a text, and a failed statement fails its whole transaction. */
  @Test
  void recordThatNoColumnTakes_isRefusedAndHarmsNoNeighbour() throws Exception {
    IssuanceRecord before = Records.workload();
    IssuanceRecord bad = Records.workload("a\0b");
    IssuanceRecord agent = Records.agent("node-1", "pod-1", Optional.empty());
    IssuanceRecord after = Records.workload();
    List<CompletableFuture<IssuanceRecord>> answers =
        List.of(before, bad, agent, after).stream().map(record -> log().record(record)).toList();

    assertThat(refusal(answers.get(1))).isEqualTo(RefusalReason.CERTIFICATE_NOT_SOUND);
    for (int good : new int[] {0, 2, 3}) {
      assertThat(get(answers.get(good))).isNotNull();
    }
    assertThat(recorded())
        .containsExactlyInAnyOrder(before.serial(), agent.serial(), after.serial());
  }

  /** An agent whose serial number was used before does not live: record and row are one. */
  @Test
  void agentWithASerialUsedBefore_doesNotTakeTheNode() throws Exception {
    IssuanceRecord first = Records.agent("node-1", "pod-1", Optional.empty());
    assertThat(get(log().record(first))).isNotNull();
    IssuanceRecord twin = Records.agent("node-2", "pod-2", Optional.empty());
    IssuanceRecord same =
        new IssuanceRecord(
            first.serial(),
            twin.kind(),
            twin.id(),
            twin.tbsSha256(),
            twin.authorityKeyId(),
            twin.validity(),
            twin.recordedAt(),
            twin.attestation(),
            twin.replacesAgentPod(),
            twin.stateVersion());

    assertThat(refusal(log().record(same))).isEqualTo(RefusalReason.CERTIFICATE_NOT_SOUND);
    assertThat(liveAgents().on("demo", "node-2")).isEmpty();
  }

  /** F11, T41: the node's one agent is decided by the database, whoever writes. */
  @Test
  void twoProcessesAtOnce_oneAgentOfEachNodeLives() throws Exception {
    try (PostgresStore other =
        PostgresStore.open(PostgresStores.settings(url), IssuanceSteps.NONE, _ -> {})) {
      List<IssuanceLog> logs = List.of(store.issuanceLog(), other.issuanceLog());
      List<CompletableFuture<IssuanceRecord>> answers = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        // Each process meets the nodes in an order of its own.
        int node = i % 2 == 0 ? i / 2 % 40 : 39 - i / 2 % 40;
        answers.add(
            logs.get(i % 2).record(Records.agent("node-" + node, "pod-" + i, Optional.empty())));
      }
      int granted = 0;
      for (CompletableFuture<IssuanceRecord> answer : answers) {
        try {
          assertThat(get(answer)).isNotNull();
          granted++;
        } catch (ExecutionException _) {
          assertThat(refusal(answer)).isEqualTo(RefusalReason.AGENT_ALREADY_ON_NODE);
        }
      }

      assertThat(granted).isEqualTo(40);
      assertThat(recorded()).hasSize(40);
      assertThat(
              PostgresStores.strings(
                  url, "SELECT a.serial FROM live_agent a JOIN issuance i USING (serial)"))
          .hasSize(40);
    }
  }

  /**
   * Also of two that write one by one neither waits for the other in a ring: between its agents, a
   * process holds nothing that is locked after all agents.
   */
  @Test
  void oneByOne_theKeysRowIsLockedAfterAllAgents() throws Exception {
    assertThat(get(log().record(Records.agent("node-2", "pod-0", Optional.empty())))).isNotNull();
    List<IssuanceRecord> records =
        List.of(
            Records.agent("node-1", "pod-1", Optional.empty()),
            Records.agent("node-2", "pod-2", Optional.of("pod-0")));
    try (Connection other = PostgresServer.connect(url);
        Statement lock = other.createStatement();
        Connection writing = PostgresServer.connect(url)) {
      other.setAutoCommit(false);
      writing.setAutoCommit(false);
      lock.execute("UPDATE live_agent SET serial = serial WHERE node_name = 'node-2'");
      FutureTask<Integer> refused =
          new FutureTask<>(() -> {
            int found = RecordGroup.writeEach(records, writing).size();
            writing.commit();
            return found;
          });
      Thread.ofVirtual().start(refused);
      awaitWaiting();

      lock.execute("SET LOCAL lock_timeout = '500ms'");
      assertThat(lock.executeUpdate("UPDATE last_signing SET recorded_at = recorded_at"))
          .isEqualTo(1);
      other.commit();
      assertThat(refused.get(20, TimeUnit.SECONDS)).isZero();
    }
    assertThat(liveAgents().on("demo", "node-2").orElseThrow().podUid()).isEqualTo("pod-2");
    assertThat(log().lastRecorded("authority-1")).contains(Records.NOW);
  }

  private void awaitWaiting() {
    String sql =
        "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname ="
            + " current_database()";
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (PostgresStores.strings(url, sql).isEmpty()) {
      assertThat(System.nanoTime()).as("it waits in time").isLessThan(end);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  /** F45: one serial number in two processes. */
  @Test
  void twoProcessesWithOneSerial_oneIsRefused() throws Exception {
    try (PostgresStore other =
        PostgresStore.open(PostgresStores.settings(url), IssuanceSteps.NONE, _ -> {})) {
      List<String> serials = IntStream.range(0, 200).mapToObj(Integer::toHexString).toList();
      List<CompletableFuture<IssuanceRecord>> answers = new ArrayList<>();
      for (String serial : serials) {
        answers.add(store.issuanceLog().record(Records.workload(serial)));
        answers.add(other.issuanceLog().record(Records.workload(serial)));
      }
      int granted = 0;
      for (CompletableFuture<IssuanceRecord> answer : answers) {
        try {
          assertThat(get(answer)).isNotNull();
          granted++;
        } catch (ExecutionException _) {
          assertThat(refusal(answer)).isEqualTo(RefusalReason.CERTIFICATE_NOT_SOUND);
        }
      }

      assertThat(granted).isEqualTo(serials.size());
      assertThat(recorded()).containsExactlyInAnyOrderElementsOf(serials);
    }
  }
}
