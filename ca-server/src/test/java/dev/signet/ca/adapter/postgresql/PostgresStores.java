package dev.signet.ca.adapter.postgresql;

import dev.signet.ca.authority.StartRefusedException;
import dev.signet.ca.issuance.IssuanceSteps;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Stores in real databases, and a look into them from outside. */
final class PostgresStores {
  /** What a session has to have, as one text. */
  static final String DURABLE =
      "SELECT current_setting('synchronous_commit') || ' ' || current_setting('client_min_messages')"
          + " || ' ' || current_setting('statement_timeout')"
          + " || ' ' || current_setting('idle_in_transaction_session_timeout')";

  private PostgresStores() {}

  static PostgresSettings settings(String url) {
    return new PostgresSettings(PostgresUrl.parse(url), "postgres", Optional.empty());
  }

  static PostgresStore create(String url) {
    try {
      return PostgresStore.create(settings(url), IssuanceSteps.NONE, _ -> {});
    } catch (StartRefusedException e) {
      throw new AssertionError(e);
    }
  }

  /** As it was made. */
  static void empty(String url) throws SQLException {
    PostgresServer.execute(
        url,
        "TRUNCATE authority, issuance, last_signing, live_agent, sealed_key, trust_step, ban, replica,"
            + " agent_evidence, pod_evidence, ended_pod RESTART IDENTITY",
        "UPDATE bundle SET version = 0, revision = 0, paused = FALSE");
  }

  static List<String> strings(String url, String sql) {
    try (Connection connection = PostgresServer.connect(url);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> found = new ArrayList<>();
      while (rows.next()) {
        String value = rows.getString(1);
        if (value != null) {
          found.add(value);
        }
      }
      return found;
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /** Until as many wait for a lock in this database. */
  static void awaitWaiting(String url, int sessions) {
    String waiting =
        "SELECT pid::text FROM pg_stat_activity WHERE datname = current_database()"
            + " AND wait_event_type = 'Lock'";
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (strings(url, waiting).size() < sessions) {
      if (System.nanoTime() > end) {
        throw new AssertionError("less than " + sessions + " wait");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }
}
