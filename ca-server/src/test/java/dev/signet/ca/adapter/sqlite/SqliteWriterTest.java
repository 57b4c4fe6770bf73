package dev.signet.ca.adapter.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.issuance.IssuanceRecord;
import dev.signet.ca.issuance.IssuanceStep;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.Records;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.sqlite.SQLiteErrorCode;

class SqliteWriterTest {
  @TempDir private Path folder;
  private SqliteConnections real;
  private final List<String> fatal = new CopyOnWriteArrayList<>();
  private final List<SqliteWriter> opened = new ArrayList<>();

  @BeforeEach
  void makeStore() throws Exception {
    Stores.create(folder).close();
    real =
        () -> {
          Connection connection =
              SqliteConnections.dataSource(folder.resolve("signet.db")).getConnection();
          execute(connection, "PRAGMA busy_timeout = 200");
          return connection;
        };
  }

  @AfterEach
  void close() {
    opened.forEach(SqliteWriter::close);
  }

  private SqliteWriter writer(SqliteConnections connections, IssuanceSteps steps) {
    SqliteWriter writer = new SqliteWriter(connections, 1000, steps, fatal::add);
    opened.add(writer);
    writer.start();
    return writer;
  }

  private static CompletableFuture<IssuanceRecord> append(SqliteWriter writer) {
    return writer.submit(session -> SqliteIssuanceLog.write(Records.workload(), session));
  }

  @Test
  void whatGathersDuringACommit_isOneGroup() throws Exception {
    CountDownLatch firstBegun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicInteger commits = new AtomicInteger();
    SqliteWriter writer =
        writer(
            real,
            step -> {
              if (step == IssuanceStep.GROUP_BEGUN && commits.get() == 0) {
                firstBegun.countDown();
                await(goOn);
              }
              if (step == IssuanceStep.GROUP_COMMITTED) {
                commits.incrementAndGet();
              }
            });
    List<CompletableFuture<IssuanceRecord>> answers = new ArrayList<>();
    answers.add(append(writer));
    await(firstBegun);
    IntStream.range(0, 200).forEach(_ -> answers.add(append(writer)));
    goOn.countDown();
    for (CompletableFuture<IssuanceRecord> answer : answers) {
      assertThat(answer.get(20, TimeUnit.SECONDS)).isNotNull();
    }

    assertThat(commits).hasValue(2);
    assertThat(count()).isEqualTo(201);
  }

  /** F3: nobody is told before it is durable. */
  @Test
  void beforeTheCommit_nobodyIsAnswered() throws Exception {
    AtomicBoolean answeredEarly = new AtomicBoolean();
    List<CompletableFuture<IssuanceRecord>> answers = new CopyOnWriteArrayList<>();
    CountDownLatch known = new CountDownLatch(1);
    SqliteWriter writer =
        writer(
            real,
            step -> {
              if (step == IssuanceStep.GROUP_WRITTEN || step == IssuanceStep.GROUP_COMMITTED) {
                await(known);
                answeredEarly.compareAndSet(
                    false, answers.stream().anyMatch(CompletableFuture::isDone));
              }
            });
    answers.add(append(writer));
    known.countDown();

    assertThat(answers.getFirst().get(20, TimeUnit.SECONDS)).isNotNull();
    assertThat(answeredEarly).isFalse();
  }

  /** F4: fails closed, and heals without a restart. */
  @Test
  void fullDisk_refusesAndHealsByItself() throws Exception {
    AtomicBoolean full = new AtomicBoolean(true);
    SqliteWriter writer =
        writer(
            () -> {
              Connection connection = real.open();
              execute(connection, "PRAGMA max_page_count = " + (full.get() ? 1 : 1 << 30));
              return connection;
            },
            IssuanceSteps.NONE);
    // More than fits into what the file has free already.
    CompletableFuture<Integer> large =
        writer.submit(session -> {
          for (int i = 0; i < 200; i++) {
            var _ = SqliteIssuanceLog.write(Records.workload(), session);
          }
          return 200;
        });
    assertThat(refusal(large)).isEqualTo(RefusalReason.STORE_UNAVAILABLE);
    assertThat(count()).isZero();
    full.set(false);

    assertThat(append(writer).get(20, TimeUnit.SECONDS)).isNotNull();
    assertThat(count()).isEqualTo(1);
    assertThat(fatal).isEmpty();
  }

  /** F4: a reader cannot see that the disk is full; whoever asks for readiness must know. */
  @Test
  void fullDisk_isNotTaking_untilAWriteSucceeds() throws Exception {
    FaultyConnections connections = new FaultyConnections(real);
    SqliteWriter writer = writer(connections, IssuanceSteps.NONE);
    writer.requireTaking();
    assertThat(connections.seen()).as("all is well: nothing is written for it").isEmpty();
    connections.failCommits(SQLiteErrorCode.SQLITE_FULL);
    assertThat(refusal(append(writer))).isEqualTo(RefusalReason.STORE_UNAVAILABLE);

    assertThatThrownBy(writer::requireTaking)
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("the store failed");
    connections.heal();

    writer.requireTaking();
    assertThat(Stores.strings(folder, "SELECT revision FROM bundle")).containsExactly("0");
    int before = connections.seen().size();
    writer.requireTaking();
    assertThat(connections.seen()).hasSize(before);
  }

  /** F6. */
  @Test
  void lockHeldOutside_refusesInTimeAndHealsByItself() throws Exception {
    SqliteWriter writer = writer(real, IssuanceSteps.NONE);
    try (Connection other = Stores.connect(folder)) {
      execute(other, "BEGIN IMMEDIATE");
      assertThat(refusal(append(writer))).isEqualTo(RefusalReason.STORE_UNAVAILABLE);
      execute(other, "ROLLBACK");
    }

    assertThat(append(writer).get(20, TimeUnit.SECONDS)).isNotNull();
    assertThat(fatal).isEmpty();
  }

  /** F5: after a failed fsync the kernel forgets what it lost; asking again would get a yes. */
  @ParameterizedTest
  @EnumSource(
      value = SQLiteErrorCode.class,
      names = {
        "SQLITE_IOERR",
        "SQLITE_IOERR_FSYNC",
        "SQLITE_IOERR_DIR_FSYNC",
        "SQLITE_IOERR_WRITE",
        "SQLITE_CORRUPT",
        "SQLITE_NOTADB"
      })
  void failedFsync_isNeverTriedAgain(SQLiteErrorCode code) throws Exception {
    FaultyConnections connections = new FaultyConnections(real);
    SqliteWriter writer = writer(connections, IssuanceSteps.NONE);
    assertThat(append(writer).get(20, TimeUnit.SECONDS)).isNotNull();
    connections.failCommits(code);
    assertThat(refusal(append(writer))).isEqualTo(RefusalReason.STORE_UNAVAILABLE);
    connections.heal();

    assertThat(refusal(append(writer))).isEqualTo(RefusalReason.STORE_UNAVAILABLE);
    writer.close();
    assertThat(connections.seen()).containsExactly("open", "COMMIT", "COMMIT");
    assertThat(fatal).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = SQLiteErrorCode.class,
      names = {"SQLITE_FULL", "SQLITE_BUSY", "SQLITE_READONLY", "SQLITE_IOERR_SHMSIZE"})
  void passingFailure_replacesTheConnection(SQLiteErrorCode code) throws Exception {
    FaultyConnections connections = new FaultyConnections(real);
    SqliteWriter writer = writer(connections, IssuanceSteps.NONE);
    connections.failCommits(code);
    assertThat(refusal(append(writer))).isEqualTo(RefusalReason.STORE_UNAVAILABLE);
    connections.heal();

    assertThat(append(writer).get(20, TimeUnit.SECONDS)).isNotNull();
    assertThat(connections.seen()).containsExactly("open", "COMMIT", "close", "open", "COMMIT");
    assertThat(count()).isEqualTo(1);
    assertThat(fatal).isEmpty();
  }

  @Test
  void fullQueue_isOverloadedAtOnce() throws Exception {
    SqliteWriter idle = new SqliteWriter(real, 2, IssuanceSteps.NONE, fatal::add);
    CompletableFuture<IssuanceRecord> first = append(idle);
    CompletableFuture<IssuanceRecord> second = append(idle);

    assertThat(refusal(append(idle))).isEqualTo(RefusalReason.OVERLOADED);
    assertThat(first).isNotDone();
    assertThat(second).isNotDone();
  }

  @Test
  void closing_writesWhatIsQueued_andRefusesTheRest() throws Exception {
    SqliteWriter writer = writer(real, IssuanceSteps.NONE);
    List<CompletableFuture<IssuanceRecord>> answers =
        IntStream.range(0, 50).mapToObj(_ -> append(writer)).toList();
    writer.close();

    for (CompletableFuture<IssuanceRecord> answer : answers) {
      assertThat(answer.get(20, TimeUnit.SECONDS)).isNotNull();
    }
    assertThat(refusal(append(writer))).isEqualTo(RefusalReason.STORE_UNAVAILABLE);
  }

  @Test
  void defectInATask_failsItsGroupAndNothingElse() throws Exception {
    SqliteWriter writer = writer(real, IssuanceSteps.NONE);
    CompletableFuture<String> broken =
        writer.submit(_ -> {
          throw new IllegalStateException("a defect");
        });

    assertThat(refusal(broken)).isEqualTo(RefusalReason.STORE_UNAVAILABLE);
    assertThat(append(writer).get(20, TimeUnit.SECONDS)).isNotNull();
  }

  @Test
  void errorInTheWriter_leavesNobodyWaiting() throws Exception {
    SqliteWriter writer = writer(real, IssuanceSteps.NONE);
    CompletableFuture<String> broken =
        writer.submit(_ -> {
          throw new StackOverflowError("on order");
        });

    assertThat(refusal(broken)).isEqualTo(RefusalReason.STORE_UNAVAILABLE);
    assertThat(refusal(append(writer))).isEqualTo(RefusalReason.STORE_UNAVAILABLE);
    writer.close();
    assertThat(fatal).hasSize(1);
  }

  private long count() {
    return Long.parseLong(Stores.strings(folder, "SELECT count(*) FROM issuance").getFirst());
  }

  private static RefusalReason refusal(CompletableFuture<?> answer) {
    try {
      throw new AssertionError("was not refused: " + answer.get(20, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RefusedException refused) {
        return refused.refusal().reason();
      }
      throw new AssertionError("no refusal", e);
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
