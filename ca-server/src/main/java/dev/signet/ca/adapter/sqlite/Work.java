package dev.signet.ca.adapter.sqlite;

import dev.signet.ca.issuance.RefusedException;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;

/**
 * One part of a group.
 *
 * @param <T> what comes of it
 * @param task writes
 * @param result completed once the group is durable
 */
record Work<T>(Task<T> task, CompletableFuture<T> result) {
  /** Writes within the group's transaction. */
  @FunctionalInterface
  interface Task<T> {
    /**
     * Writes.
     *
     * @throws RefusedException before it wrote anything: then it fails alone
     * @throws SQLException with it the whole group fails
     */
    T run(WriteSession session) throws SQLException, RefusedException;
  }

  static <T> Work<T> of(Task<T> task) {
    return new Work<>(task, new CompletableFuture<>());
  }

  /** Writes; what to do once the transaction is durable. */
  Runnable run(WriteSession session) throws SQLException {
    try {
      T value = task.run(session);
      return () -> result.complete(value);
    } catch (RefusedException e) {
      return () -> result.completeExceptionally(e);
    }
  }

  void fail(RefusedException refused) {
    result.completeExceptionally(refused);
  }
}
