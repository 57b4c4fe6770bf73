package dev.signet.ca.adapter.postgresql;

import dev.signet.ca.issuance.IssuanceRecord;
import dev.signet.ca.issuance.IssuanceStep;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Group commit: one thread takes whatever is queued, writes it in one transaction and waits for one
 * commit. While it does, the next group gathers; there is no timer. Thread-safe.
 *
 * <p>A failed group is never tried again: its callers are told, and try anew if they want to. The
 * next group takes another connection.
 */
final class RecordWriter implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RecordWriter.class);
  private static final int MAX_GROUP = 512;

  /** How long outcomes wait for a group to travel with. */
  private static final long OUTCOME_DELAY_MILLIS = 500;

  /** How long they wait after a group that was to take them along failed. */
  private static final long OUTCOME_RETRY_MILLIS = 2000;

  private static final String PROBE = "UPDATE bundle SET revision = revision";
  private static final String STOPPING = "the CA is stopping";

  /** What the queue holds. */
  private sealed interface Item {}

  /** A record, and who waits for it. */
  private record Entry(IssuanceRecord record, CompletableFuture<IssuanceRecord> answer)
      implements Item {}

  private enum Signal implements Item {
    /** An outcome waits. */
    NUDGE,
    STOP
  }

  private final PostgresPools pools;
  private final IssuanceSteps steps;
  private final Consumer<String> onFatal;
  private final BlockingQueue<Item> queue;
  private final Outcomes outcomes = new Outcomes();
  private final Thread thread;

  private volatile @Nullable String refusing;

  /** Which failure was the last; 0 once a group or a probe was taken after it. */
  private final AtomicLong lastFailure = new AtomicLong();

  /** The writer's own. */
  private long failures;

  RecordWriter(PostgresPools pools, int capacity, IssuanceSteps steps, Consumer<String> onFatal) {
    this.pools = pools;
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
      var _ = queue.offer(Signal.NUDGE);
    }
  }

  /** Never blocks. */
  CompletableFuture<IssuanceRecord> submit(IssuanceRecord record) {
    Entry entry = new Entry(record, new CompletableFuture<>());
    if (!queue.offer(entry)) {
      entry
          .answer()
          .completeExceptionally(
              new RefusedException(
                  RefusalReason.OVERLOADED, "the store has its queue full of records"));
    } else if (refusing != null) {
      refuseQueued(unavailable("" + refusing, null));
    }
    return entry.answer();
  }

  /**
   * If the last group was not taken, writes a row as it is.
   *
   * @throws RefusedException if that fails as well
   */
  void requireTaking() throws RefusedException {
    long failure = lastFailure.get();
    if (failure == 0) {
      return;
    }
    try {
      var _ =
          pools.transaction(connection -> {
            try (PreparedStatement probe = connection.prepareStatement(PROBE)) {
              return probe.executeUpdate();
            }
          });
      // Unless the writer failed anew meanwhile.
      lastFailure.compareAndSet(failure, 0);
    } catch (SQLException e) {
      throw unavailable("the store failed: " + e.getMessage(), e);
    }
  }

  private void run() {
    List<Entry> group = new ArrayList<>(MAX_GROUP);
    try {
      while (refusing == null) {
        boolean stop = gather(group);
        if (!group.isEmpty() || outcomes.pending()) {
          commit(group);
        }
        if (stop) {
          refusing = STOPPING;
        }
        group.clear();
      }
    } catch (Throwable e) {
      // An interrupt, or an Error: whoever waits is told, and so is the process.
      ended(group, e);
    } finally {
      refuseQueued(unavailable("" + refusing, null));
    }
  }

  /** Waits for the first; whether the end was among them. */
  private boolean gather(List<Entry> group) throws InterruptedException {
    List<Item> taken = new ArrayList<>(MAX_GROUP);
    // What was given back has had its nudge.
    Item first =
        outcomes.pending() ? queue.poll(OUTCOME_RETRY_MILLIS, TimeUnit.MILLISECONDS) : queue.take();
    if (first == Signal.NUDGE) {
      first = queue.poll(OUTCOME_DELAY_MILLIS, TimeUnit.MILLISECONDS);
    }
    if (first != null) {
      taken.add(first);
      queue.drainTo(taken, MAX_GROUP - 1);
    }
    for (Item item : taken) {
      if (item instanceof Entry entry) {
        group.add(entry);
      }
    }
    return taken.contains(Signal.STOP);
  }

  private void commit(List<Entry> group) {
    List<Outcomes.Outcome> taken = outcomes.take();
    IdentityHashMap<IssuanceRecord, RefusedException> refused;
    try {
      List<IssuanceRecord> records = group.stream().map(Entry::record).toList();
      refused =
          pools.transaction(connection -> {
            steps.reached(IssuanceStep.GROUP_BEGUN);
            IdentityHashMap<IssuanceRecord, RefusedException> found = write(records, connection);
            Outcomes.write(taken, connection);
            steps.reached(IssuanceStep.GROUP_WRITTEN);
            return found;
          });
    } catch (SQLException e) {
      outcomes.giveBack(taken);
      failed(group, e);
      return;
    } catch (RuntimeException e) {
      outcomes.giveBack(taken);
      failed(group, new SQLException("a defect of the store's own: " + e, e));
      return;
    }
    lastFailure.set(0);
    steps.reached(IssuanceStep.GROUP_COMMITTED);
    for (Entry entry : group) {
      RefusedException refusal = refused.get(entry.record());
      if (refusal == null) {
        entry.answer().complete(entry.record());
      } else {
        entry.answer().completeExceptionally(refusal);
      }
    }
  }

  private static IdentityHashMap<IssuanceRecord, RefusedException> write(
      List<IssuanceRecord> records, Connection connection) throws SQLException {
    if (records.isEmpty()) {
      return new IdentityHashMap<>();
    }
    try {
      return RecordGroup.write(records, connection);
    } catch (SQLException e) {
      if (PostgresFailure.of(e) != PostgresFailure.DATA) {
        throw e;
      }
      connection.rollback();
      return RecordGroup.writeEach(records, connection);
    }
  }

  /**
   * Nobody waits for a turn to be told the same: what this group waited for in vain, a lock or the
   * server, the next would wait for as long, and callers that come again find out by themselves.
   */
  private void failed(List<Entry> group, SQLException failure) {
    lastFailure.set(++failures);
    // Before anybody is told, who may come again at once.
    List<Entry> refused = new ArrayList<>(group);
    refused.addAll(drain());
    // Outcomes alone are tried again, and nobody waits for them.
    if (!refused.isEmpty()) {
      log.warn("the store did not take {} records: {}", refused.size(), failure.getMessage());
    }
    refuse(refused, unavailable("the store failed: " + failure.getMessage(), failure));
  }

  private void ended(List<Entry> group, Throwable cause) {
    String reason = "the store's writer ended: " + cause;
    refusing = reason;
    lastFailure.set(++failures);
    log.error(reason, cause);
    refuse(group, unavailable(reason, cause));
    onFatal.accept(reason);
  }

  private static RefusedException unavailable(String why, @Nullable Throwable cause) {
    return cause == null
        ? new RefusedException(RefusalReason.STORE_UNAVAILABLE, why)
        : new RefusedException(RefusalReason.STORE_UNAVAILABLE, why, cause);
  }

  private static void refuse(List<Entry> group, RefusedException refusal) {
    for (Entry entry : group) {
      entry.answer().completeExceptionally(refusal);
    }
  }

  /** Nothing that was queued may wait for an answer that never comes. */
  private void refuseQueued(RefusedException refusal) {
    refuse(drain(), refusal);
  }

  /** What waits, and is to be told that it waits in vain. */
  private List<Entry> drain() {
    List<Item> left = new ArrayList<>();
    queue.drainTo(left);
    List<Entry> entries = new ArrayList<>(left.size());
    for (Item item : left) {
      if (item instanceof Entry entry) {
        entries.add(entry);
      } else if (item == Signal.STOP && refusing == null) {
        // Room was just made.
        var _ = queue.offer(item);
      }
    }
    return entries;
  }

  /** Writes what is queued, then ends. An interrupt does not cut it short: it is kept for later. */
  @Override
  public void close() {
    boolean interrupted = false;
    boolean told = false;
    while (thread.isAlive()) {
      try {
        // The queue may be full: then the writer is taking from it.
        told = told || queue.offer(Signal.STOP, 100, TimeUnit.MILLISECONDS);
        if (told) {
          thread.join();
        }
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
