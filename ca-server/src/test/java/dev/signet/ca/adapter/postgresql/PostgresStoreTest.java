package dev.signet.ca.adapter.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.authority.StartRefusedException;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.Records;
import dev.signet.process.config.SecretFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a start finds, and refuses with one sentence that says what to do. */
class PostgresStoreTest {
  private static final String TABLES =
      "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'";

  @TempDir private Path folder;
  private final PostgresServer server = PostgresServer.shared();
  private String url = "";

  @BeforeEach
  void database() throws Exception {
    url = server.newDatabase();
  }

  private static PostgresStore open(PostgresSettings settings) throws StartRefusedException {
    return PostgresStore.open(settings, IssuanceSteps.NONE, _ -> {});
  }

  private static void assertRefused(PostgresSettings settings, String... said) {
    assertThatThrownBy(() -> open(settings))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContainingAll(said)
        .message()
        .doesNotContain("\n");
    assertThatThrownBy(() -> PostgresStore.exists(settings))
        .isInstanceOf(StartRefusedException.class);
  }

  @Test
  void emptyDatabase_isRefusedAndStaysEmpty() throws Exception {
    assertThat(PostgresStore.exists(PostgresStores.settings(url))).isFalse();
    assertThatThrownBy(() -> open(PostgresStores.settings(url)))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("is empty")
        .hasMessageContaining("set up by: init");

    assertThat(PostgresStores.strings(url, TABLES)).containsExactly("0");
  }

  @Test
  void madeOnce_isFoundAgain() throws Exception {
    PostgresStores.create(url).close();
    assertThat(PostgresStore.exists(PostgresStores.settings(url))).isTrue();
    open(PostgresStores.settings(url)).close();
    PostgresStores.create(url).close();
  }

  /** Whatever the server has as its default. */
  @Test
  void sessions_areTheDurableOnes() throws Exception {
    String role = "ALTER ROLE postgres IN DATABASE " + PostgresUrl.parse(url).database();
    PostgresServer.execute(
        url, role + " SET synchronous_commit = off", role + " SET statement_timeout = 0");
    try (PostgresPools pools = new PostgresPools(PostgresStores.settings(url))) {
      String sql =
          "SELECT current_setting('synchronous_commit') || ' ' || current_setting('statement_timeout')";

      assertThat(pools.query(sql, row -> row.getString(1))).containsExactly("on 3s");
      assertThat(
              pools.<String>transaction(connection -> {
                try (var statement = connection.createStatement();
                    var row = statement.executeQuery(sql)) {
                  row.next();
                  return row.getString(1);
                }
              }))
          .isEqualTo("on 3s");
    }
  }

  /** I22. */
  @Test
  void newerSchema_isRefused() throws Exception {
    PostgresStores.create(url).close();
    PostgresServer.execute(
        url,
        "INSERT INTO flyway_schema_history (installed_rank, version, description, type, script,"
            + " checksum, installed_by, execution_time, success) VALUES (9, '9', 'later', 'SQL',"
            + " 'V9__later.sql', 1, '', 1, true)");

    assertThatThrownBy(() -> open(PostgresStores.settings(url)))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("newer release")
        .hasMessageContaining("schema 9");
  }

  @Test
  void databaseOfSomethingElse_isRefusedAndLeftAlone() throws Exception {
    PostgresServer.execute(url, "CREATE TABLE theirs (id int)");

    assertThatThrownBy(
            () -> PostgresStore.create(PostgresStores.settings(url), IssuanceSteps.NONE, _ -> {}))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("not at a schema of this release");
    assertThat(PostgresStores.strings(url, TABLES)).containsExactly("1");
  }

  @Test
  void missingDatabase_isRefusedWithTheCommand() {
    assertRefused(
        PostgresStores.settings(server.url("nowhere")),
        "/nowhere does not exist",
        "CREATE DATABASE nowhere OWNER postgres");
  }

  @Test
  void nobodyListens_isRefused() throws Exception {
    // A port that was free a moment ago.
    PostgresServer never = new PostgresServer(folder.resolve("never"));

    assertRefused(
        PostgresStores.settings(never.url("signet")),
        "127.0.0.1:" + never.port() + "/signet cannot be reached",
        "store.postgresql.url");
  }

  /** A name, not an address: looked up at each connection. */
  @Test
  void unknownHost_isRefused() {
    assertRefused(
        PostgresStores.settings("jdbc:postgresql://nowhere.invalid/signet?sslmode=disable"),
        "nowhere.invalid/signet cannot be reached");
  }

  /** Nothing is said of TLS, so that the server has to prove who it is; this one cannot. */
  @Test
  void plainServer_isRefusedUnlessTheUrlSaysSo() {
    assertRefused(
        PostgresStores.settings(url.substring(0, url.indexOf('?'))), "cannot be reached", "SSL");
  }

  @Test
  void wrongPassword_isRefused_andARightOneInTheSameFileIsTaken() throws Exception {
    String user = "guarded" + PostgresUrl.parse(url).database();
    PostgresServer.execute(
        url,
        "CREATE ROLE " + user + " LOGIN PASSWORD 'right'",
        "ALTER DATABASE " + PostgresUrl.parse(url).database() + " OWNER TO " + user);
    server.askForPassword(user);
    Path file = password("wrong\n");
    PostgresSettings settings =
        new PostgresSettings(PostgresUrl.parse(url), user, Optional.of(SecretFile.of(file)));
    assertRefused(settings, "does not let in the user " + user, file.toString());

    password("right\n");
    try (PostgresStore store = PostgresStore.create(settings, IssuanceSteps.NONE, _ -> {})) {
      assertThat(store.issuanceLog().record(Records.workload()).get(20, TimeUnit.SECONDS))
          .isNotNull();
    }
    Files.delete(file);
    assertRefused(settings, file.toString(), "does not exist");
  }

  /** A password that was changed at the server and in its file is taken without a restart. */
  @Test
  void changedPassword_isReadAnewForNewConnections() throws Exception {
    String user = "changing" + PostgresUrl.parse(url).database();
    PostgresServer.execute(
        url,
        "CREATE ROLE " + user + " LOGIN PASSWORD 'first'",
        "ALTER DATABASE " + PostgresUrl.parse(url).database() + " OWNER TO " + user);
    server.askForPassword(user);
    PostgresSettings settings =
        new PostgresSettings(
            PostgresUrl.parse(url), user, Optional.of(SecretFile.of(password("first"))));
    try (PostgresStore store = PostgresStore.create(settings, IssuanceSteps.NONE, _ -> {})) {
      assertThat(store.issuanceLog().record(Records.workload()).get(20, TimeUnit.SECONDS))
          .isNotNull();
      PostgresServer.execute(url, "ALTER ROLE " + user + " PASSWORD 'second'");
      password("second");
      PostgresServer.execute(
          url,
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '" + user + "'");

      assertThat(Trying.record(store, Duration.ofSeconds(20)).recorded()).isNotNull();
    }
  }

  private Path password(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("password"), text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }
}
