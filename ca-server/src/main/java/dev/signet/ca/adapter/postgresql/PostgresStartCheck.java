package dev.signet.ca.adapter.postgresql;

import dev.signet.ca.authority.StartRefusedException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
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

  private static final String FACTS =
      "SELECT current_schema() IS NULL,"
          + " current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on',"
          + " current_setting('synchronous_standby_names'),"
          // What kind of standby it is, only a monitoring role is told.
          + " EXISTS (SELECT FROM pg_stat_replication WHERE sync_state IS DISTINCT FROM 'async')";

  private final PostgresSettings settings;
  private final PostgresStartRefusal refusal;
  private final PrimarySource source;

  /** Of the server, when it was asked. */
  private record Facts(
      int version, boolean noSchema, boolean durable, String standbyNames, boolean standby) {}

  PostgresStartCheck(PostgresSettings settings) {
    this.settings = settings;
    this.refusal = new PostgresStartRefusal(settings);
    this.source = new PrimarySource(settings, PrimarySource.STATEMENT);
  }

  /**
   * Whether the database holds a store of any release.
   *
   * @throws StartRefusedException if that cannot be known
   */
  boolean exists() throws StartRefusedException {
    requireUsable(facts());
    try {
      return flyway(source).info().applied().length > 0;
    } catch (FlywayException e) {
      throw refusal.of(e);
    }
  }

  /**
   * Brings it to this release's schema.
   *
   * @param empty whether it may be empty before
   */
  void migrate(boolean empty) throws StartRefusedException {
    Facts facts = facts();
    requireUsable(facts);
    warn(facts);
    try {
      Flyway flyway = flyway(source);
      MigrationInfo[] applied = flyway.info().applied();
      if (applied.length == 0 && !empty) {
        throw refusal.because(
            " is empty. If this CA was set up before, store.postgresql.url names another"
                + " database, or this one was lost: restore it and the folder keys from one backup."
                + " Only a new trust domain is set up by: init");
      }
      refuseNewer(applied);
      if (flyway.info().pending().length == 0) {
        flyway.validate();
      } else {
        requireStandby(facts);
        flyway(new PrimarySource(settings, PrimarySource.MIGRATION)).migrate();
      }
    } catch (FlywayException e) {
      throw refusal.of(e);
    }
  }

  private static Flyway flyway(PrimarySource source) {
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
        throw refusal.because(
            " was written by a newer release: it has schema "
                + migration.getVersion()
                + ", which this one does not know. Start that release, or restore a backup made"
                + " before the upgrade");
      }
    }
  }

  private Facts facts() throws StartRefusedException {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      int version = connection.getMetaData().getDatabaseMajorVersion();
      try (ResultSet row = statement.executeQuery(FACTS)) {
        row.next();
        return new Facts(
            version,
            row.getBoolean(1),
            row.getBoolean(2),
            row.getString(3).strip(),
            row.getBoolean(4));
      }
    } catch (SQLException e) {
      throw refusal.of(e);
    }
  }

  private void requireUsable(Facts facts) throws StartRefusedException {
    if (facts.version() < OLDEST) {
      throw refusal.because(
          " runs PostgreSQL " + facts.version() + "; " + OLDEST + " or later is needed");
    }
    if (facts.noSchema()) {
      throw refusal.noSchema();
    }
  }

  private void warn(Facts facts) {
    if (!facts.durable()) {
      log.warn(
          "{} runs with fsync or full_page_writes off: a power loss may take records of certificates"
              + " with it, or the store. Set both to on",
          refusal.store());
    }
    if (settings.url().namesSeveralHosts() && facts.standbyNames().isEmpty()) {
      log.warn(
          "{} has several hosts and synchronous_standby_names is empty: acknowledged records of"
              + " certificates may be lost when another host is promoted. Set it to the standby",
          refusal.store());
    }
  }

  /** A migration's commit would wait for it without an end. */
  private void requireStandby(Facts facts) throws StartRefusedException {
    if (!facts.standbyNames().isEmpty() && !facts.standby()) {
      throw refusal.because(
          " has synchronous_standby_names = "
              + facts.standbyNames()
              + ", and no standby is attached: nothing that is written there is acknowledged. Start"
              + " the standby, or take it out of synchronous_standby_names");
    }
  }
}
