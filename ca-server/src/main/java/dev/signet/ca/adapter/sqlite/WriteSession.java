package dev.signet.ca.adapter.sqlite;

import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/** The one writing connection and its prepared statements. Used by the writer's thread alone. */
final class WriteSession implements AutoCloseable {
  private final Connection connection;
  private final Map<String, PreparedStatement> statements = new HashMap<>();

  WriteSession(Connection connection) {
    this.connection = connection;
  }

  /** One that stays prepared; parameters are set anew by each user. */
  PreparedStatement prepared(String sql) throws SQLException {
    PreparedStatement known = statements.get(sql);
    if (known != null) {
      known.clearParameters();
      return known;
    }
    PreparedStatement statement = connection.prepareStatement(sql);
    statements.put(sql, statement);
    return statement;
  }

  /**
   * Runs a part of the group that may break a rule of the schema: then it alone is undone, and
   * refused.
   */
  <T> T alone(Work.Task<T> part) throws SQLException, RefusedException {
    execute("SAVEPOINT alone");
    try {
      T result = part.run(this);
      execute("RELEASE alone");
      return result;
    } catch (RefusedException e) {
      undo();
      throw e;
    } catch (SQLException e) {
      if (SqliteFailure.of(e) != SqliteFailure.CONSTRAINT) {
        throw e;
      }
      undo();
      throw new RefusedException(
          RefusalReason.INTERNAL_ERROR, "it breaks a rule of the store: " + e.getMessage(), e);
    }
  }

  private void undo() throws SQLException {
    execute("ROLLBACK TO alone");
    execute("RELEASE alone");
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
