package dev.signet.ca.adapter.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.authority.AuthorityStore;
import dev.signet.ca.issuance.IssuanceLog;
import dev.signet.ca.issuance.IssuanceRecord;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.Records;
import dev.signet.ca.rotation.Changes;
import dev.signet.ca.rotation.TrustChange;
import dev.signet.ca.rotation.TrustStateStore;
import dev.signet.ca.rotation.TrustStateStoreContract;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

@TestInstance(Lifecycle.PER_CLASS)
class PostgresTrustStateStoreTest extends TrustStateStoreContract {
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
  protected TrustStateStore store() {
    return store.trustStates();
  }

  @Override
  protected AuthorityStore authorities() {
    return store.authorityStore();
  }

  /** RR5: another replica's step is heard of, also after the connection was lost. */
  @Test
  void stepOfAnotherProcess_isHeardOfAndSoAgainAfterALostConnection() throws Exception {
    try (PostgresStore other =
        PostgresStore.open(PostgresStores.settings(url), IssuanceSteps.NONE, _ -> {})) {
      Semaphore heard = new Semaphore(0);
      other.trustStates().onStep(heard::release);
      // It is called once when it begins to listen.
      assertThat(heard.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
      assertThat(store().step(Changes.pause(store().state(), true))).isTrue();
      assertThat(heard.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
      PostgresServer.execute(
          url,
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
              + " AND datname = current_database()");
      assertThat(store().step(Changes.pause(store().state(), false))).isTrue();

      assertThat(heard.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
      assertThat(other.trustStates().state().version()).isEqualTo(2);
    }
  }

  /**
   * A row's share lock passes by whoever waits for the row, so that two processes whose groups
   * overlap could keep a step out. Here the second group waits behind the step.
   */
  @Test
  void groupThatComesAfterAStep_waitsBehindIt() throws Exception {
    String share = "SELECT version FROM bundle FOR SHARE";
    try (Connection first = PostgresServer.connect(url);
        Statement group = first.createStatement();
        ExecutorService threads = Executors.newFixedThreadPool(2)) {
      first.setAutoCommit(false);
      group.execute(share);
      TrustChange change = Changes.pause(store().state(), true);
      Future<Boolean> step = threads.submit(() -> store().step(change));
      PostgresStores.awaitWaiting(url, 1);
      Future<List<String>> second = threads.submit(() -> PostgresStores.strings(url, share));
      PostgresStores.awaitWaiting(url, 2);
      first.commit();

      assertThat(step.get(20, TimeUnit.SECONDS)).isTrue();
      assertThat(second.get(20, TimeUnit.SECONDS)).containsExactly("1");
    }
  }

  /** Records of three processes never stop; a step gets its turn even so, and all see it. */
  @Test
  void stepAmidGroupsOfManyProcesses_isMadeSoon() throws Exception {
    List<PostgresStore> others = new ArrayList<>();
    AtomicBoolean stopped = new AtomicBoolean();
    AtomicLong version = new AtomicLong();
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      List<Future<Integer>> writing = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        PostgresStore other =
            PostgresStore.open(PostgresStores.settings(url), IssuanceSteps.NONE, _ -> {});
        others.add(other);
        writing.add(threads.submit(() -> write(other.issuanceLog(), version, stopped)));
      }
      try {
        for (int i = 0; i < 20; i++) {
          long from = System.nanoTime();
          assertThat(store().step(Changes.pause(store().state(), i % 2 == 0))).isTrue();
          assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(2));
          version.incrementAndGet();
        }
      } finally {
        stopped.set(true);
      }
      for (Future<Integer> each : writing) {
        assertThat(each.get(60, TimeUnit.SECONDS)).isPositive();
      }
    } finally {
      others.forEach(PostgresStore::close);
    }
  }

  /** As many as were recorded. */
  private static int write(IssuanceLog log, AtomicLong version, AtomicBoolean stopped)
      throws Exception {
    int recorded = 0;
    while (!stopped.get()) {
      List<CompletableFuture<IssuanceRecord>> answers = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        answers.add(log.record(Records.at(version.get(), Records.workload())));
      }
      for (CompletableFuture<IssuanceRecord> answer : answers) {
        try {
          recorded += answer.get(20, TimeUnit.SECONDS) == null ? 0 : 1;
        } catch (ExecutionException e) {
          assertThat(e.getCause()).hasMessageContaining("REPLICA_BEHIND");
        }
      }
    }
    return recorded;
  }
}
