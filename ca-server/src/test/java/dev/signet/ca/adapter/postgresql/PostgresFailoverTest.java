package dev.signet.ca.adapter.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.authority.StartRefusedException;
import dev.signet.ca.issuance.IssuanceRecord;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.Records;
import dev.signet.ca.issuance.RefusedException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * FAULTS F10: a primary and its synchronous standby, both real. What was acknowledged is there
 * after a promotion, the store is back without a restart, and the former primary gets nothing any
 * more.
 */
@Timeout(180)
class PostgresFailoverTest {
  private static final Duration BACK = Duration.ofSeconds(5);

  @TempDir private static Path made;

  /** Of all tests: with the schema, and empty. */
  private static String database = "";

  @TempDir private Path folder;
  private PostgresServer primary;
  private PostgresServer standby;

  @BeforeAll
  static void make() throws Exception {
    try (PostgresServer server = new PostgresServer(made).start()) {
      String url = server.newDatabase();
      database = PostgresUrl.parse(url).database();
      PostgresStores.create(url).close();
    }
  }

  /** The binaries of the tests have no pg_basebackup: a copy of a server that is stopped is one. */
  @BeforeEach
  void replicate() throws Exception {
    copy(made, folder.resolve("one"));
    copy(made, folder.resolve("two"));
    primary =
        new PostgresServer(folder.resolve("one")).with("synchronous_standby_names", "two").start();
    standby = standby(folder.resolve("two"), primary).start();
    awaitStandby(primary);
  }

  private static PostgresServer standby(Path data, PostgresServer of) throws IOException {
    Files.createFile(data.resolve("standby.signal"));
    return new PostgresServer(data)
        .with(
            "primary_conninfo",
            "'host=127.0.0.1 port=" + of.port() + " user=postgres application_name=two'");
  }

  @AfterEach
  void stop() throws IOException {
    primary.close();
    standby.close();
  }

  private PostgresStore open() throws Exception {
    return PostgresStores.create(both());
  }

  private String both() {
    return "jdbc:postgresql://127.0.0.1:"
        + primary.port()
        + ",127.0.0.1:"
        + standby.port()
        + "/"
        + database
        + "?sslmode=disable";
  }

  @Test
  void primaryKilledAndStandbyPromoted_backInTime_andNothingAcknowledgedIsLost() throws Exception {
    Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
    AtomicBoolean stop = new AtomicBoolean();
    try (PostgresStore store = open()) {
      FutureTask<Integer> load = new FutureTask<>(() -> write(store, acknowledged, stop));
      Thread.ofPlatform().daemon().start(load);
      await(() -> acknowledged.size() > 2000);
      primary.kill();
      long begin = System.nanoTime();
      PostgresServer.execute(standby.url("postgres"), "SELECT pg_promote()");
      // The new primary has no standby yet.
      Trying back = Trying.record(store, Duration.ofSeconds(30));
      awaitRead(store);
      Duration took = Duration.ofNanos(System.nanoTime() - begin);
      System.out.println(
          "back "
              + took.toMillis()
              + " ms after the promotion began, "
              + acknowledged.size()
              + " records were acknowledged before");
      assertThat(took).isLessThan(BACK);
      stop.set(true);
      assertThat(load.get(60, TimeUnit.SECONDS)).isEqualTo(acknowledged.size());
      store.check();
      assertThat(store.liveAgents().on("demo", "node-1")).isEmpty();

      String url = standby.url(database);
      assertThat(PostgresStores.strings(url, "SELECT serial FROM issuance"))
          .doesNotHaveDuplicates()
          .contains(back.recorded().serial())
          .containsAll(acknowledged);

      // The former primary comes back as what it is now: a standby.
      int before = count(standby.url(database));
      Files.createFile(primary.data().resolve("standby.signal"));
      primary.with("synchronous_standby_names", "").start();
      for (int i = 0; i < 50; i++) {
        assertThat(Trying.record(store, Duration.ofSeconds(10)).refusals()).isZero();
      }
      assertThat(count(standby.url(database))).isEqualTo(before + 50);
      assertThat(count(primary.url(database))).isLessThanOrEqualTo(before);
    }
  }

  /** One that hangs keeps its connections, takes new ones, and answers none of them. */
  @Test
  void primaryFrozenAndStandbyPromoted_backInTime() throws Exception {
    try (PostgresStore store = open()) {
      String before = Trying.record(store, Duration.ofSeconds(10)).recorded().serial();
      primary.freeze();
      // Whoever promotes has to find out first, too.
      Trying.refused(store.issuanceLog().record(Records.workload()));
      long begin = System.nanoTime();
      PostgresServer.execute(standby.url("postgres"), "SELECT pg_promote()");
      Trying back = Trying.record(store, Duration.ofSeconds(30));
      awaitRead(store);
      Duration took = Duration.ofNanos(System.nanoTime() - begin);
      System.out.println("back " + took.toMillis() + " ms after the promotion began, frozen");
      assertThat(took).isLessThan(BACK);

      assertThat(PostgresStores.strings(standby.url(database), "SELECT serial FROM issuance"))
          .contains(before, back.recorded().serial());
    } finally {
      primary.kill();
    }
  }

  /** A migration would wait for it as long as a migration may take. */
  @Test
  void standbyAway_newStoreIsRefusedAtOnce() throws Exception {
    standby.stop();
    await(() ->
        PostgresStores.strings(primary.url("postgres"), "SELECT pid FROM pg_stat_replication")
            .isEmpty());
    PostgresServer.execute(
        primary.url("postgres"), "SET synchronous_commit = local", "CREATE DATABASE fresh");

    assertThatThrownBy(() ->
            PostgresStore.create(
                PostgresStores.settings(primary.url("fresh")), IssuanceSteps.NONE, _ -> {}))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContainingAll("synchronous_standby_names = two", "no standby is attached");
  }

  /** Read-only without being a standby: likewise. */
  @Test
  void formerPrimaryBackReadOnly_isNeverWrittenTo() throws Exception {
    try (PostgresStore store = open()) {
      assertThat(Trying.record(store, Duration.ofSeconds(10)).recorded()).isNotNull();
      primary.stop();
      PostgresServer.execute(standby.url("postgres"), "SELECT pg_promote()");
      primary
          .with("synchronous_standby_names", "")
          .with("default_transaction_read_only", "on")
          .start();
      int before = count(primary.url(database));

      Trying back = Trying.record(store, Duration.ofSeconds(30));
      for (int i = 0; i < 20; i++) {
        assertThat(Trying.record(store, Duration.ofSeconds(10)).refusals()).isZero();
      }
      assertThat(count(primary.url(database))).isEqualTo(before);
      assertThat(count(standby.url(database))).isEqualTo(before + 21);
      assertThat(back.recorded()).isNotNull();
    }
  }

  /**
   * A record that the standby lacks is not acknowledged: not when nobody answers, and not when an
   * operator ends the wait, which PostgreSQL calls a success with a warning.
   */
  @Test
  void standbyAway_noRecordIsAcknowledged() throws Exception {
    // Whatever the role has: the warning is all that tells.
    PostgresServer.execute(
        primary.url("postgres"), "ALTER ROLE postgres SET client_min_messages = error");
    try (PostgresStore store = open()) {
      assertThat(Trying.record(store, Duration.ofSeconds(10)).recorded()).isNotNull();
      standby.stop();

      CompletableFuture<IssuanceRecord> cancelled = store.issuanceLog().record(Records.workload());
      await(() ->
          PostgresStores.strings(
                  primary.url("postgres"),
                  "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
              .contains("t"));
      assertThat(Trying.refused(cancelled)).isLessThan(Duration.ofSeconds(4));
      long begin = System.nanoTime();
      CompletableFuture<IssuanceRecord> waiting = store.issuanceLog().record(Records.workload());
      assertThat(Trying.refused(waiting, begin))
          .isBetween(Duration.ofSeconds(3), Duration.ofSeconds(9));

      standby.start();
      assertThat(Trying.record(store, Duration.ofSeconds(20)).recorded()).isNotNull();
    }
  }

  /** Until it is told to stop, or what comes is no refusal of an outage; how many were taken. */
  private static int write(PostgresStore store, Queue<String> acknowledged, AtomicBoolean stop)
      throws InterruptedException, TimeoutException {
    int taken = 0;
    while (!stop.get()) {
      List<CompletableFuture<IssuanceRecord>> group =
          IntStream.range(0, 50)
              .mapToObj(_ -> store.issuanceLog().record(Records.workload()))
              .toList();
      for (CompletableFuture<IssuanceRecord> answer : group) {
        try {
          acknowledged.add(answer.get(30, TimeUnit.SECONDS).serial());
          taken++;
        } catch (ExecutionException e) {
          Trying.requireUnavailable(e);
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
      }
    }
    return taken;
  }

  /** Reading has connections of its own. */
  private static void awaitRead(PostgresStore store) {
    await(() -> {
      try {
        return store.liveAgents().on("demo", "node-1").isEmpty();
      } catch (RefusedException _) {
        return false;
      }
    });
  }

  private static int count(String url) {
    return Integer.parseInt(
        PostgresStores.strings(url, "SELECT count(*) FROM issuance").getFirst());
  }

  private static void awaitStandby(PostgresServer primary) {
    await(() ->
        PostgresStores.strings(
                primary.url("postgres"),
                "SELECT application_name FROM pg_stat_replication WHERE sync_state = 'sync'")
            .equals(List.of("two")));
  }

  private interface Condition {
    boolean holds();
  }

  private static void await(Condition condition) {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(end);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            Path target = to.resolve(from.relativize(folder));
            Files.createDirectory(target);
            Files.setPosixFilePermissions(target, Files.getPosixFilePermissions(folder));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
