package dev.signet.ca.adapter.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.issuance.IssuanceRecord;
import dev.signet.ca.issuance.Records;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.process.config.SecretFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** FAULTS F8, F9: a store that is away or slow refuses in time, and is back without a restart. */
@Timeout(120)
class PostgresOutageTest {
  private static final String SESSIONS =
      "SELECT pid::text FROM pg_stat_activity WHERE application_name = 'signet-ca'";

  @TempDir private Path folder;

  @Test
  void serverStoppedAndStarted_refusedMeanwhile_thenTakenAgain() throws Exception {
    try (PostgresServer server = new PostgresServer(folder).start();
        PostgresStore store = PostgresStores.create(server.newDatabase())) {
      assertThat(Trying.record(store, Duration.ofSeconds(10)).recorded()).isNotNull();
      server.stop();

      List<CompletableFuture<IssuanceRecord>> queued =
          IntStream.range(0, 3000)
              .mapToObj(_ -> store.issuanceLog().record(Records.workload()))
              .toList();
      for (CompletableFuture<IssuanceRecord> answer : queued) {
        assertThat(Trying.refused(answer)).isLessThan(Trying.REFUSED_WITHIN);
      }
      assertUnavailable(() -> store.liveAgents().on("demo", "node-1"));
      assertUnavailable(store::check);
      // Once it is known to be away, nobody waits for it.
      long begin = System.nanoTime();
      assertUnavailable(() -> store.liveAgents().on("demo", "node-1"));
      Trying.refused(store.issuanceLog().record(Records.workload()));
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(2));

      server.start();
      Trying back = Trying.record(store, Duration.ofSeconds(20));
      System.out.println("back " + back.took().toMillis() + " ms after the server's start");
      assertThat(back.took()).isLessThan(Duration.ofSeconds(5));
      store.check();
      assertThat(store.liveAgents().on("demo", "node-1")).isEmpty();
    }
  }

  /** F9: each statement has its time, and a record that was not written in it is refused. */
  @Test
  void lockedTable_refusesInTime_readsGoOn_andHealsByItself() throws Exception {
    String url = PostgresServer.shared().newDatabase();
    try (PostgresStore store = PostgresStores.create(url)) {
      try (Connection other = PostgresServer.connect(url);
          Statement lock = other.createStatement()) {
        other.setAutoCommit(false);
        lock.execute("LOCK TABLE issuance IN SHARE MODE");
        long begin = System.nanoTime();
        CompletableFuture<IssuanceRecord> record = store.issuanceLog().record(Records.workload());

        assertThat(store.liveAgents().on("demo", "node-1")).isEmpty();
        assertThat(Trying.refused(record, begin))
            .isBetween(Duration.ofSeconds(2), Duration.ofSeconds(8));
        other.rollback();
      }

      store.check();
      assertThat(store.issuanceLog().record(Records.workload()).get(10, TimeUnit.SECONDS))
          .isNotNull();
    }
  }

  /** Nobody waits for a turn to learn what the group before has learned. */
  @Test
  void manyBehindALockedTable_areRefusedWithTheFirstGroup() throws Exception {
    String url = PostgresServer.shared().newDatabase();
    try (PostgresStore store = PostgresStores.create(url)) {
      try (Connection other = PostgresServer.connect(url);
          Statement lock = other.createStatement()) {
        other.setAutoCommit(false);
        lock.execute("LOCK TABLE last_signing IN SHARE MODE");
        long begin = System.nanoTime();
        List<CompletableFuture<IssuanceRecord>> queued =
            IntStream.range(0, 3000)
                .mapToObj(_ -> store.issuanceLog().record(Records.workload()))
                .toList();
        for (CompletableFuture<IssuanceRecord> answer : queued) {
          assertThat(Trying.refused(answer, begin)).isLessThan(Trying.REFUSED_WITHIN);
        }
        other.rollback();
      }

      assertThat(Trying.record(store, Duration.ofSeconds(10)).refusals()).isZero();
      assertThat(PostgresStores.strings(url, "SELECT serial FROM issuance")).hasSize(1);
    }
  }

  /** What was said of certificates while the store was away arrives without another record. */
  @Test
  void outcomeDuringAnOutage_arrivesByItself() throws Exception {
    String url = PostgresServer.shared().newDatabase();
    try (PostgresStore store = PostgresStores.create(url)) {
      IssuanceRecord record = Trying.record(store, Duration.ofSeconds(10)).recorded();
      String outcome =
          "SELECT certificate_sha256 FROM issuance WHERE serial = '" + record.serial() + "'";
      try (Connection other = PostgresServer.connect(url);
          Statement lock = other.createStatement()) {
        other.setAutoCommit(false);
        lock.execute("LOCK TABLE issuance IN SHARE MODE");
        store.issuanceLog().signed(record.serial(), "cd".repeat(32));
        // The group that it travels with is refused.
        Trying.refused(store.issuanceLog().record(Records.workload()));
        other.rollback();
      }

      await(() -> PostgresStores.strings(url, outcome).equals(List.of("cd".repeat(32))));
    }
  }

  /** Eight wrong logins a second look like an attack, and lock accounts. */
  @Test
  void loginRefused_isTriedAtLeisure_saidOnce_andTakenWhenItIsRight() throws Exception {
    PostgresServer server = PostgresServer.shared();
    String url = server.newDatabase();
    String user = "late" + PostgresUrl.parse(url).database();
    PostgresServer.execute(url, "CREATE ROLE " + user + " LOGIN PASSWORD 'right'");
    server.askForPassword(user);
    Path file = Files.writeString(folder.resolve("password"), "wrong");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    try (Pooler counting = new Pooler(server);
        CapturedLog log = new CapturedLog(AwaitingSource.class);
        AwaitingSource source =
            new AwaitingSource(
                new PostgresSettings(
                    PostgresUrl.parse(counting.url(url)),
                    user,
                    Optional.of(SecretFile.of(file))))) {
      FutureTask<Connection> awaited = new FutureTask<>(source::getConnection);
      Thread.ofVirtual().start(awaited);
      await(() -> counting.accepted().size() >= 2);
      Files.writeString(file, "right");

      awaited.get(20, TimeUnit.SECONDS).close();
      List<Long> tries = counting.accepted();
      assertThat(Duration.ofNanos(tries.get(1) - tries.get(0)))
          .isGreaterThan(Duration.ofSeconds(4));
      assertThat(log.lines()).hasSize(2);
      assertThat(log.lines().getFirst()).contains("password authentication failed");
      assertThat(log.lines().getLast()).contains("reached again");
    }
  }

  /** As some managed services tell that they fail over: the sessions live on, and cannot write. */
  @Test
  void serverTurnedReadOnly_isRefused_alsoForReading_andItsSessionsAreLetGo() throws Exception {
    try (PostgresServer server = new PostgresServer(folder).start();
        PostgresStore store = PostgresStores.create(server.newDatabase())) {
      assertThat(Trying.record(store, Duration.ofSeconds(10)).recorded()).isNotNull();
      List<String> sessions = PostgresStores.strings(server.url("postgres"), SESSIONS);
      assertThat(sessions).isNotEmpty();
      PostgresServer.execute(
          server.url("postgres"),
          "ALTER SYSTEM SET default_transaction_read_only = on",
          "SELECT pg_reload_conf()");

      awaitUnavailable(() -> store.liveAgents().on("demo", "node-1"));
      Trying.refused(store.issuanceLog().record(Records.workload()));
      assertUnavailable(store::check);
      await(() ->
          Collections.disjoint(sessions, PostgresStores.strings(server.url("postgres"), SESSIONS)));

      PostgresServer.execute(
          server.url("postgres"),
          "SET default_transaction_read_only = off",
          "ALTER SYSTEM RESET default_transaction_read_only",
          "SELECT pg_reload_conf()");
      assertThat(Trying.record(store, Duration.ofSeconds(20)).took())
          .isLessThan(Duration.ofSeconds(5));
    }
  }

  private interface Call {
    void run() throws Exception;
  }

  private static void assertUnavailable(Call call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> assertThat(e.refusal().reason()).isEqualTo(RefusalReason.STORE_UNAVAILABLE));
  }

  private static void awaitUnavailable(Call call) {
    await(() -> {
      try {
        call.run();
        return false;
      } catch (RefusedException e) {
        assertThat(e.refusal().reason()).isEqualTo(RefusalReason.STORE_UNAVAILABLE);
        return true;
      }
    });
  }

  private static void await(Callable<Boolean> condition) {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    try {
      while (!condition.call()) {
        assertThat(System.nanoTime()).as("in time").isLessThan(end);
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
      }
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
