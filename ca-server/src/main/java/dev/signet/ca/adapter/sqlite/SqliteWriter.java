package dev.signet.ca.adapter.sqlite;

import dev.signet.ca.issuance.IssuanceStep;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Group commit: one thread takes whatever is queued, writes it in one {@code BEGIN IMMEDIATE}
 * transaction and pays for one fsync. While it does, the next group gathers; there is no timer.
 * Thread-safe.
 *
 * <p>A failed group is never tried again: its callers are told, and try anew if they want to. After
 * a passing failure the connection is replaced and the next group goes on. After a {@linkplain
 * SqliteFailure#FATAL fatal} one nothing is written any more, everything is refused, and the
 * process is told to stop.
 */
final class SqliteWriter implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SqliteWriter.class);
  private static final int MAX_GROUP = 512;

  /** How long outcomes wait for a group to travel with. */
  private static final long OUTCOME_DELAY_MILLIS = 500;

  private static final String PROBE = "UPDATE bundle SET revision = revision";
  private static final String STOPPING = "the CA is stopping";
  private static final Work<Boolean> STOP = Work.of(_ -> true);

  private static final Work<Boolean> NUDGE = Work.of(_ -> true);

  private final SqliteConnections connections;
  private final IssuanceSteps steps;
  private final Consumer<String> onFatal;
  private final BlockingQueue<Work<?>> queue;
  private final Outcomes outcomes = new Outcomes();
  private final Thread thread;

  private @Nullable WriteSession session;
  private volatile @Nullable String refusing;
  private volatile boolean lastFailed;

  SqliteWriter(
      SqliteConnections connections, int capacity, IssuanceSteps steps, Consumer<String> onFatal) {
    this.connections = connections;
    this.steps = steps;
    this.onFatal = onFatal;
    this.queue = new ArrayBlockingQueue<>(capacity);
    this.thread = Thread.ofPlatform().name("store-writer").daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Never blocks; the outcome travels with a group of later records, or soon by itself. */
  void add(Outcomes.Outcome outcome) {
    if (outcomes.add(outcome)) {
      // Lost only when the queue is full, and then a group is on its way.
      var _ = queue.offer(NUDGE);
    }
  }

  /** Never blocks. */
  <T> CompletableFuture<T> submit(Work.Task<T> task) {
    Work<T> work = Work.of(task);
    if (!queue.offer(work)) {
      work.fail(
          new RefusedException(
              RefusalReason.OVERLOADED, "the store has its queue full of records"));
    } else if (refusing != null) {
      refuseQueued();
    }
    return work.result();
  }

  /** The same for one who waits until it is durable. */
  <T> T write(Work.Task<T> task) throws RefusedException {
    try {
      return submit(task).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RefusedException refused) {
        throw refused;
      }
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RefusedException(RefusalReason.STORE_UNAVAILABLE, "interrupted", e);
    }
  }

  /**
   * If the last group was not taken, writes a row as it is: that needs space as a record does.
   *
   * @throws RefusedException if that fails as well
   */
  void requireTaking() throws RefusedException, InterruptedException {
    if (!lastFailed) {
      return;
    }
    try {
      submit(session -> session.prepared(PROBE).executeUpdate()).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RefusedException refused) {
        throw refused;
      }
      throw new IllegalStateException(e);
    }
  }

  private void run() {
    List<Work<?>> group = new ArrayList<>(MAX_GROUP);
    try {
      while (refusing == null) {
        boolean stop = gather(group);
        if (!group.isEmpty() || outcomes.pending()) {
          commit(group);
        }
        if (stop && refusing == null) {
          refusing = STOPPING;
        }
        group.clear();
      }
    } catch (Throwable e) {
      // An interrupt, or an Error: whoever waits is told, and so is the process.
      lost(group, new SQLException("its writer ended: " + e, e));
    } finally {
      refuseQueued();
    }
  }

  /** Waits for the first; whether the end was among them. */
  private boolean gather(List<Work<?>> group) throws InterruptedException {
    Work<?> first = queue.take();
    if (first.equals(NUDGE)) {
      first = queue.poll(OUTCOME_DELAY_MILLIS, TimeUnit.MILLISECONDS);
    }
    if (first != null) {
      group.add(first);
      queue.drainTo(group, MAX_GROUP - 1);
    }
    group.removeIf(NUDGE::equals);
    return group.removeIf(STOP::equals);
  }

  private void commit(List<Work<?>> group) {
    List<Outcomes.Outcome> taken = outcomes.take();
    List<Runnable> answers = new ArrayList<>(group.size());
    try {
      WriteSession open = session();
      open.execute("BEGIN IMMEDIATE");
      steps.reached(IssuanceStep.GROUP_BEGUN);
      for (Work<?> work : group) {
        answers.add(work.run(open));
      }
      Outcomes.write(taken, open);
      steps.reached(IssuanceStep.GROUP_WRITTEN);
      open.execute("COMMIT");
    } catch (SQLException e) {
      outcomes.giveBack(taken);
      failed(group, e);
      return;
    } catch (RuntimeException e) {
      outcomes.giveBack(taken);
      failed(group, new SQLException("a defect of the store's own: " + e, e));
      return;
    }
    lastFailed = false;
    steps.reached(IssuanceStep.GROUP_COMMITTED);
    answers.forEach(Runnable::run);
  }

  private WriteSession session() throws SQLException {
    WriteSession open = session;
    if (open == null) {
      open = new WriteSession(connections.open());
      session = open;
    }
    return open;
  }

  private void failed(List<Work<?>> group, SQLException failure) {
    lastFailed = true;
    if (SqliteFailure.of(failure) == SqliteFailure.FATAL) {
      lost(group, failure);
      return;
    }
    log.warn("the store did not take {} records: {}", group.size(), failure.getMessage());
    discardSession();
    refuse(group, failure);
  }

  /** The connection is left as it is: closing it would checkpoint, which is writing. */
  private void lost(List<Work<?>> group, SQLException failure) {
    String reason =
        "the store failed in a way that only a new process can look into: " + failure.getMessage();
    refusing = reason;
    lastFailed = true;
    log.error(reason, failure);
    refuse(group, failure);
    onFatal.accept(reason);
  }

  private static void refuse(List<Work<?>> group, SQLException failure) {
    for (Work<?> work : group) {
      work.fail(
          new RefusedException(
              RefusalReason.STORE_UNAVAILABLE,
              "the store failed: " + failure.getMessage(),
              failure));
    }
  }

  private void discardSession() {
    WriteSession open = session;
    session = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException e) {
        log.warn("a failed connection of the store does not close: {}", e.getMessage());
      }
    }
  }

  /** Nothing that was queued may wait for an answer that never comes. */
  private void refuseQueued() {
    List<Work<?>> left = new ArrayList<>();
    queue.drainTo(left);
    left.forEach(
        work -> work.fail(new RefusedException(RefusalReason.STORE_UNAVAILABLE, "" + refusing)));
  }

  /** Writes what is queued, then ends. An interrupt does not cut it short: it is kept for later. */
  @Override
  public void close() {
    boolean interrupted = false;
    boolean told = false;
    while (thread.isAlive()) {
      try {
        // The queue may be full: then the writer is taking from it.
        told = told || queue.offer(STOP, 100, TimeUnit.MILLISECONDS);
        if (told) {
          thread.join();
        }
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (STOPPING.equals(refusing)) {
      discardSession();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
