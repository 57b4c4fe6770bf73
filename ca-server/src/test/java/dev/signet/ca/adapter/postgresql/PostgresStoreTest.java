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
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
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
        url,
        role + " SET synchronous_commit = off",
        role + " SET client_min_messages = error",
        role + " SET statement_timeout = 0",
        role + " SET idle_in_transaction_session_timeout = 0");
    try (PostgresPools pools = new PostgresPools(PostgresStores.settings(url))) {
      String durable = "on warning 3s 5s";

      assertThat(pools.query(PostgresStores.DURABLE, row -> row.getString(1)))
          .containsExactly(durable);
      assertThat(
              pools.<String>transaction(connection -> {
                try (var statement = connection.createStatement();
                    var row = statement.executeQuery(PostgresStores.DURABLE)) {
                  row.next();
                  return row.getString(1);
                }
              }))
          .isEqualTo(durable);
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
  void roleWithoutCreate_isRefusedWithTheGrant() throws Exception {
    String user = role("poor");
    PostgresSettings settings = settings(user);

    assertThat(PostgresStore.exists(settings)).isFalse();
    assertThatThrownBy(() -> PostgresStore.create(settings, IssuanceSteps.NONE, _ -> {}))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContainingAll(
            "does not let its user " + user,
            "permission denied for schema public",
            "ALTER DATABASE " + PostgresUrl.parse(url).database() + " OWNER TO " + user,
            "GRANT CREATE ON SCHEMA public TO " + user)
        .message()
        .doesNotContain("\n");

    PostgresServer.execute(url, "GRANT CREATE ON SCHEMA public TO " + user);
    PostgresStore.create(settings, IssuanceSteps.NONE, _ -> {}).close();
  }

  /** The tables of another user's store. */
  @Test
  void roleThatMayNotRead_isRefused() throws Exception {
    PostgresStores.create(url).close();
    String user = role("stranger");

    assertRefused(
        settings(user), "does not let its user " + user, "permission denied for table", "OWNER TO");
  }

  @Test
  void missingSchema_isRefusedWithItsName() {
    assertRefused(
        PostgresStores.settings(url + "&currentSchema=nowhere"),
        "currentSchema",
        "nowhere",
        "CREATE SCHEMA nowhere AUTHORIZATION postgres");
  }

  /** It has no more time than any statement: a migration's is for migrating. */
  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void lockedSchemaHistory_isRefusedInTime() throws Exception {
    PostgresStores.create(url).close();
    try (Connection other = PostgresServer.connect(url);
        Statement lock = other.createStatement()) {
      other.setAutoCommit(false);
      lock.execute("LOCK TABLE flyway_schema_history");

      assertRefused(PostgresStores.settings(url), "did not answer in time");
      other.rollback();
    }
    open(PostgresStores.settings(url)).close();
  }

  /** Acknowledged records may be lost where the other hosts are asynchronous. */
  @Test
  void severalHostsWithoutSynchronousStandby_isSaidOnce() throws Exception {
    PostgresStores.create(url).close();
    String host = "127.0.0.1:" + server.port();
    String several = url.replace(host, host + "," + host);
    try (CapturedLog log = new CapturedLog(PostgresStartCheck.class)) {
      assertThat(PostgresStore.exists(PostgresStores.settings(several))).isTrue();
      open(PostgresStores.settings(several)).close();

      assertThat(log.lines())
          .filteredOn(line -> line.contains("synchronous_standby_names"))
          .singleElement()
          .asString()
          .contains("may be lost");
    }
    try (CapturedLog log = new CapturedLog(PostgresStartCheck.class)) {
      open(PostgresStores.settings(url)).close();
      assertThat(log.lines()).noneMatch(line -> line.contains("synchronous_standby_names"));
    }
  }

  private String role(String prefix) throws Exception {
    String user = prefix + PostgresUrl.parse(url).database();
    PostgresServer.execute(url, "CREATE ROLE " + user + " LOGIN");
    return user;
  }

  private PostgresSettings settings(String user) {
    return new PostgresSettings(PostgresUrl.parse(url), user, Optional.empty());
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
