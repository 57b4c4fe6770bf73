package dev.signet.ca.adapter.postgresql;

import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * The connections for reading and those for writing: readers that wait keep no record from being
 * written. Whatever shows on one that the primary is gone lets go of all. Thread-safe.
 */
final class PostgresPools implements AutoCloseable {
  private static final int READERS = 8;

  /** One for the group under way, one for evidence and one for a step beside it. */
  private static final int WRITERS = 3;

  private final PostgresPool readers;
  private final PostgresPool writers;

  PostgresPools(PostgresSettings settings) {
    this.readers = new PostgresPool("store-readers", settings, READERS, true);
    this.writers = new PostgresPool("store-writers", settings, WRITERS, false);
  }

  /** One row, read. */
  @FunctionalInterface
  interface Row<T> {
    T read(ResultSet row) throws SQLException;
  }

  /** What is done in a transaction. */
  @FunctionalInterface
  interface Task<T> {
    T run(Connection connection) throws SQLException;
  }

  /** Reads from the primary: everything that was committed before is seen. */
  <T> List<T> query(String sql, Row<T> row, String... parameters) throws RefusedException {
    try (Connection connection = readers.take();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      List<T> found = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          found.add(row.read(rows));
        }
      }
      PrimarySource.requirePrimary(connection);
      return found;
    } catch (SQLException e) {
      failed(e);
      throw new RefusedException(
          RefusalReason.STORE_UNAVAILABLE, "the store cannot be read: " + e.getMessage(), e);
    }
  }

  /** What is read in one moment. */
  @FunctionalInterface
  interface Snapshot<T> {
    T read(Connection connection) throws SQLException, RefusedException;
  }

  /** Reads several things from the primary as they were at one moment. */
  <T> T snapshot(Snapshot<T> snapshot) throws RefusedException {
    try (Connection connection = readers.take()) {
      connection.setAutoCommit(false);
      try (Statement begin = connection.createStatement()) {
        begin.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
        T found = snapshot.read(connection);
        PrimarySource.requirePrimary(connection);
        return found;
      } finally {
        connection.rollback();
      }
    } catch (SQLException e) {
      failed(e);
      throw new RefusedException(
          RefusalReason.STORE_UNAVAILABLE, "the store cannot be read: " + e.getMessage(), e);
    }
  }

  /** Runs a transaction of one who is refused if it fails. */
  <T> T write(Task<T> task) throws RefusedException {
    try {
      return transaction(task);
    } catch (SQLException e) {
      RefusalReason reason =
          PostgresFailure.of(e) == PostgresFailure.DATA
              ? RefusalReason.INTERNAL_ERROR
              : RefusalReason.STORE_UNAVAILABLE;
      throw new RefusedException(reason, "the store failed: " + e.getMessage(), e);
    }
  }

  /**
   * Runs a transaction. When it returns, what was written is durable, also on the standby if the
   * server waits for one.
   */
  <T> T transaction(Task<T> task) throws SQLException {
    try (Connection connection = writers.take()) {
      try {
        T result = task.run(connection);
        commit(connection);
        return result;
      } catch (SQLException | RuntimeException e) {
        rollBack(connection, e);
        throw e;
      }
    } catch (SQLException e) {
      failed(e);
      throw e;
    }
  }

  /**
   * A wait for the standby that an operator cut short is a commit that succeeds, with a warning:
   * the standby may lack it, and it is lost when that one is promoted. The wait has no time-out at
   * the server; the socket's ends it.
   */
  private static void commit(Connection connection) throws SQLException {
    connection.clearWarnings();
    connection.commit();
    SQLWarning warning = connection.getWarnings();
    if (warning != null) {
      throw new SQLException("not known to be durable: " + warning.getMessage(), warning);
    }
  }

  private static void rollBack(Connection connection, Exception cause) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  /** Lets go of all connections if this failure is not one connection's or statement's own. */
  private void failed(SQLException failure) {
    if (PostgresFailure.of(failure) == PostgresFailure.LOST) {
      readers.evict();
      writers.evict();
    }
  }

  @Override
  public void close() {
    try {
      readers.close();
    } finally {
      writers.close();
    }
  }
}
