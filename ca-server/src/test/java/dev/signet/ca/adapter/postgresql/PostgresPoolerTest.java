package dev.signet.ca.adapter.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.issuance.Records;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What durability and the primary rest on does not hang on what stands before the server. */
@Timeout(60)
class PostgresPoolerTest {
  private final PostgresServer server = PostgresServer.shared();
  private Pooler pooler;
  private PostgresSettings settings;

  @BeforeEach
  void open() throws Exception {
    pooler = new Pooler(server);
    settings = PostgresStores.settings(pooler.url(server.newDatabase()));
  }

  @AfterEach
  void close() throws Exception {
    pooler.close();
  }

  @Test
  void startupOptionsDropped_sessionsAreTheDurableOnes() throws Exception {
    try (Connection session = new PrimarySource(settings, PrimarySource.STATEMENT).getConnection();
        Statement statement = session.createStatement();
        var row = statement.executeQuery(PostgresStores.DURABLE)) {
      assertThat(row.next()).isTrue();
      assertThat(row.getString(1)).isEqualTo("on warning 3s 5s");
    }
  }

  @Test
  void nothingReported_theSessionIsAsked() throws Exception {
    try (PostgresStore store = PostgresStores.create(settings.url().text())) {
      assertThat(store.liveAgents().on("demo", "node-1")).isEmpty();
      assertThat(Trying.record(store, Duration.ofSeconds(20)).recorded()).isNotNull();
      assertThat(store.issuanceLog().lastRecorded("authority-1")).contains(Records.NOW);
    }
    try (Connection session = new PrimarySource(settings, PrimarySource.STATEMENT).getConnection();
        Statement statement = session.createStatement()) {
      PrimarySource.requirePrimary(session);
      statement.execute("SET default_transaction_read_only = on");

      assertThatThrownBy(() -> PrimarySource.requirePrimary(session))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25006"));
    }
  }
}
