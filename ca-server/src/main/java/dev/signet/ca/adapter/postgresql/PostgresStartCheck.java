package dev.signet.ca.adapter.postgresql;

import dev.signet.ca.authority.StartRefusedException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.Set;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has to hold of the database before anything rests on it; migrates it then. */
final class PostgresStartCheck {
  private static final Logger log = LoggerFactory.getLogger(PostgresStartCheck.class);
  private static final int OLDEST = 15;

  private final PostgresSettings settings;
  private final PrimarySource source;
  private final String store;

  PostgresStartCheck(PostgresSettings settings) {
    this.settings = settings;
    this.source = new PrimarySource(settings, PrimarySource.MIGRATION);
    this.store = "the PostgreSQL store " + settings.url().place();
  }

  /**
   * Whether the database holds a store of any release.
   *
   * @throws StartRefusedException if that cannot be known
   */
  boolean exists() throws StartRefusedException {
    requireUsable();
    try {
      return flyway().info().applied().length > 0;
    } catch (FlywayException e) {
      throw unread(e);
    }
  }

  /**
   * Brings it to this release's schema.
   *
   * @param empty whether it may be empty before
   */
  void migrate(boolean empty) throws StartRefusedException {
    requireUsable();
    try {
      Flyway flyway = flyway();
      MigrationInfo[] applied = flyway.info().applied();
      if (applied.length == 0 && !empty) {
        throw new StartRefusedException(
            store
                + " is empty. If this CA was set up before, store.postgresql.url names another"
                + " database, or this one was lost: restore it and the folder keys from one backup."
                + " Only a new trust domain is set up by: init");
      }
      refuseNewer(applied);
      flyway.migrate();
    } catch (FlywayException e) {
      throw unread(e);
    }
  }

  private StartRefusedException unread(FlywayException e) {
    return new StartRefusedException(
        store
            + " is not at a schema of this release: "
            + Objects.requireNonNullElse(e.getMessage(), e.toString())
                .lines()
                .findFirst()
                .orElse(""),
        e);
  }

  private Flyway flyway() {
    return Flyway.configure()
        .dataSource(source)
        .locations("classpath:dev/signet/ca/adapter/postgresql/migration")
        // Nothing is excused, above all no migration that only a newer release knows.
        .ignoreMigrationPatterns(new String[0])
        .cleanDisabled(true)
        .load();
  }

  private void refuseNewer(MigrationInfo[] applied) throws StartRefusedException {
    for (MigrationInfo migration : applied) {
      if (Set.of(MigrationState.FUTURE_SUCCESS, MigrationState.FUTURE_FAILED)
          .contains(migration.getState())) {
        throw new StartRefusedException(
            store
                + " was written by a newer release: it has schema "
                + migration.getVersion()
                + ", which this one does not know. Start that release, or restore a backup made"
                + " before the upgrade");
      }
    }
  }

  private void requireUsable() throws StartRefusedException {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      int version = connection.getMetaData().getDatabaseMajorVersion();
      if (version < OLDEST) {
        throw new StartRefusedException(
            store + " runs PostgreSQL " + version + "; " + OLDEST + " or later is needed");
      }
      try (ResultSet row =
          statement.executeQuery(
              "SELECT current_setting('fsync'), current_setting('full_page_writes')")) {
        if (row.next() && !(row.getString(1).equals("on") && row.getString(2).equals("on"))) {
          log.warn(
              "{} runs with fsync or full_page_writes off: a power loss may take records of"
                  + " certificates with it, or the store. Set both to on",
              store);
        }
      }
    } catch (SQLException e) {
      throw new StartRefusedException(refusal(e), e);
    }
  }

  private String refusal(SQLException e) {
    String said = Objects.requireNonNullElse(e.getMessage(), e.toString());
    String state = Objects.requireNonNullElse(e.getSQLState(), "");
    return switch (state) {
      case "28P01", "28000" ->
          store
              + " does not let in the user "
              + settings.user()
              + " ("
              + said
              + "). Set store.postgresql.user, and write its password into "
              + settings.passwordFile().map(Object::toString).orElse("a file: password_file");
      case "3D000" ->
          store
              + " does not exist on its server. Create it, owned by the CA's user: CREATE DATABASE "
              + settings.url().database()
              + " OWNER "
              + settings.user();
      case "08001", "08003", "08004", "08006", "08007" ->
          store
              + " cannot be reached ("
              + said
              + "). See to it that the server runs, and that store.postgresql.url names its primary"
              + " and, as sslrootcert, the file of who vouches for its certificate";
      default -> store + " cannot be opened: " + said;
    };
  }
}
