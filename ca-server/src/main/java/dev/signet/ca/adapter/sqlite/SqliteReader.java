package dev.signet.ca.adapter.sqlite;

import com.zaxxer.hikari.HikariDataSource;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Reads beside the writer; every read sees what was committed before it. Thread-safe. */
final class SqliteReader {
  private final HikariDataSource pool;

  SqliteReader(HikariDataSource pool) {
    this.pool = pool;
  }

  /** One row, read. */
  @FunctionalInterface
  interface Row<T> {
    T read(ResultSet row) throws SQLException;
  }

  /** What is read in one moment. */
  @FunctionalInterface
  interface Snapshot<T> {
    T read(Connection connection) throws SQLException, RefusedException;
  }

  /** Reads several things as they were at one moment. */
  <T> T snapshot(Snapshot<T> snapshot) throws RefusedException {
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      try {
        return snapshot.read(connection);
      } finally {
        connection.rollback();
      }
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  private static RefusedException unreadable(SQLException e) {
    return new RefusedException(
        RefusalReason.STORE_UNAVAILABLE, "the store cannot be read: " + e.getMessage(), e);
  }

  <T> List<T> query(String sql, Row<T> row, String... parameters) throws RefusedException {
    try (Connection connection = pool.getConnection();
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
      return found;
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }
}
