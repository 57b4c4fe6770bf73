package dev.signet.ca.adapter.sqlite;

import dev.signet.ca.authority.StartRefusedException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;

/** What has to hold of the file before anything rests on it; migrates it then. */
final class SqliteStartCheck {
  /** Small, and what grants rest on: checked against their indexes, too. */
  private static final List<String> DECIDING_TABLES =
      List.of(
          "authority",
          "bundle",
          "last_signing",
          "live_agent",
          "ban",
          "agent_evidence",
          "pod_evidence",
          "ended_pod");

  private SqliteStartCheck() {}

  static void run(Path file) throws StartRefusedException {
    DataSource source = SqliteConnections.dataSource(file);
    checkIntegrity(file, source);
    migrate(file, source);
  }

  private static void checkIntegrity(Path file, DataSource source) throws StartRefusedException {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      require(file, statement, "PRAGMA quick_check(1)");
      for (String table : DECIDING_TABLES) {
        if (exists(connection, table)) {
          require(file, statement, "PRAGMA integrity_check(" + table + ")");
        }
      }
    } catch (SQLException e) {
      throw SqliteFailure.of(e) == SqliteFailure.PASSING
          ? new StartRefusedException(
              "the store " + file + " cannot be opened: " + e.getMessage(), e)
          : damaged(file, String.valueOf(e.getMessage()), e);
    }
  }

  private static void require(Path file, Statement statement, String check)
      throws SQLException, StartRefusedException {
    try (ResultSet row = statement.executeQuery(check)) {
      String found = row.next() ? row.getString(1) : "no answer";
      if (!found.equals("ok")) {
        throw damaged(file, found, new SQLException(check + " found: " + found));
      }
    }
  }

  private static boolean exists(Connection connection, String table) throws SQLException {
    try (ResultSet tables = connection.getMetaData().getTables(null, null, table, null)) {
      return tables.next();
    }
  }

  private static StartRefusedException damaged(Path file, String how, SQLException cause) {
    return new StartRefusedException(
        "the store "
            + file
            + " is damaged ("
            + how.lines().findFirst().orElse("")
            + "). Restore it and the folder keys from one backup; keep the damaged file for a look at"
            + " the disk",
        cause);
  }

  private static void migrate(Path file, DataSource source) throws StartRefusedException {
    try {
      Flyway flyway =
          Flyway.configure()
              .dataSource(source)
              .locations("classpath:dev/signet/ca/adapter/sqlite/migration")
              // Nothing is excused, above all no migration that only a newer release knows.
              .ignoreMigrationPatterns(new String[0])
              .cleanDisabled(true)
              .load();
      refuseNewer(file, flyway);
      flyway.migrate();
    } catch (FlywayException e) {
      throw new StartRefusedException(
          "the store " + file + " is not at a schema of this release: " + e.getMessage(), e);
    }
  }

  private static void refuseNewer(Path file, Flyway flyway) throws StartRefusedException {
    for (MigrationInfo applied : flyway.info().applied()) {
      if (Arrays.asList(MigrationState.FUTURE_SUCCESS, MigrationState.FUTURE_FAILED)
          .contains(applied.getState())) {
        throw new StartRefusedException(
            "the store "
                + file
                + " was written by a newer release: it has schema "
                + applied.getVersion()
                + ", which this one does not know. Start that release, or restore a backup made"
                + " before the upgrade");
      }
    }
  }
}
