package dev.signet.ca.adapter.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.authority.StartRefusedException;
import dev.signet.ca.authority.TrustVersion;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.LiveAgents;
import dev.signet.ca.issuance.Records;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.keys.KeyId;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteStoreTest {
  @TempDir private Path folder;

  private SqliteStore open() throws StartRefusedException {
    return SqliteStore.open(folder, IssuanceSteps.NONE, _ -> {});
  }

  private Path file() {
    return folder.resolve("signet.db");
  }

  @Test
  void missingStore_isNotMade() {
    assertThatThrownBy(this::open)
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining(file().toString())
        .hasMessageContaining("is missing")
        .hasMessageContaining("restore signet.db and the folder keys from one backup");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void missingFolder_isNotMade() {
    Path nowhere = folder.resolve("nowhere");

    assertThatThrownBy(() -> SqliteStore.open(nowhere, IssuanceSteps.NONE, _ -> {}))
        .isInstanceOf(StartRefusedException.class);
    assertThat(nowhere).doesNotExist();
  }

  @Test
  void files_areTheOwnersAlone() throws Exception {
    try (SqliteStore _ = Stores.create(folder);
        Stream<Path> files = Files.list(folder)) {
      for (Path file :
          files.filter(f -> f.getFileName().toString().startsWith("signet")).toList()) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
            .as(file.toString())
            .isEqualTo("rw-------");
      }
    }
  }

  @Test
  void settings_areTheDurableOnes() throws Exception {
    try (SqliteStore _ = Stores.create(folder);
        var connection = SqliteConnections.dataSource(file()).getConnection();
        var statement = connection.createStatement()) {
      try (var row = statement.executeQuery("PRAGMA journal_mode")) {
        assertThat(row.getString(1)).isEqualTo("wal");
      }
      try (var row = statement.executeQuery("PRAGMA synchronous")) {
        assertThat(row.getInt(1)).isEqualTo(2);
      }
    }
  }

  @Test
  void secondProcess_isRefused() throws Exception {
    try (SqliteStore _ = Stores.create(folder)) {
      assertThatThrownBy(this::open)
          .isInstanceOf(StartRefusedException.class)
          .hasMessageContaining("another CA process uses the data folder " + folder);
    }
    open().close();
  }

  @Test
  void failedStart_letsGoOfTheFolder() throws Exception {
    Files.writeString(
        file(), "this is no database, and it is longer than its header would be".repeat(20));
    assertThatThrownBy(this::open).hasMessageContaining("damaged");
    Files.delete(file());

    Stores.create(folder).close();
  }

  @Test
  void garbage_isRefusedWithARestoreHint() throws Exception {
    Files.writeString(
        file(), "this is no database, and it is longer than its header would be".repeat(20));

    assertThatThrownBy(this::open)
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("is damaged")
        .hasMessageContaining("Restore it and the folder keys from one backup");
  }

  @Test
  void truncated_isRefused() throws Exception {
    fill();
    try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() / 2 / 4096 * 4096);
    }

    assertThatThrownBy(this::open)
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("is damaged");
  }

  /** I22. */
  @Test
  void newerSchema_isRefused() throws Exception {
    Stores.create(folder).close();
    Stores.execute(
        folder,
        "INSERT INTO flyway_schema_history (installed_rank, version, description, type, script,"
            + " checksum, installed_by, execution_time, success) VALUES (9, '9', 'later', 'SQL',"
            + " 'V9__later.sql', 1, '', 1, 1)");

    assertThatThrownBy(this::open)
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("newer release")
        .hasMessageContaining("schema 9");
  }

  /** What the first release granted, it had reviewed itself. */
  @Test
  void storeOfTheFirstSchema_keepsItsRecordsAsReviewedByTheCa() throws Exception {
    Flyway.configure()
        .dataSource(SqliteConnections.dataSource(file()))
        .locations("classpath:dev/signet/ca/adapter/sqlite/migration")
        .target("1")
        .load()
        .migrate();
    String row =
        "INSERT INTO issuance (serial, kind, spiffe_id, tbs_sha256, authority_key_id, not_before,"
            + " not_after, recorded_at, decision, cluster, pod_uid, agent_pod_uid) VALUES";
    Stores.execute(
        folder, row + "('1', 'WORKLOAD', 's', 't', 'a', 1, 2, 1, 'GRANTED', 'c', 'p', 'g')");
    Stores.execute(
        folder, row + "('2', 'SERVER', 's', 't', 'a', 1, 2, 1, 'OWN', NULL, NULL, NULL)");

    open().close();

    assertThat(Stores.strings(folder, "SELECT serial || coalesce(review, '-') FROM issuance"))
        .containsExactlyInAnyOrder("1CA_REVIEW", "2-");
    assertThatThrownBy(
            () -> Stores.execute(folder, "UPDATE issuance SET review = NULL WHERE serial = '1'"))
        .hasMessageContaining("CHECK");
  }

  /**
   * What was there before there could be several roots is below the one, and of the one replica.
   */
  @Test
  void storeOfTheSecondSchema_keepsItsAuthorities() throws Exception {
    Flyway.configure()
        .dataSource(SqliteConnections.dataSource(file()))
        .locations("classpath:dev/signet/ca/adapter/sqlite/migration")
        .target("2")
        .load()
        .migrate();
    String row =
        "INSERT INTO authority (key_id, role, state, key_sha256, certificate, created_at) VALUES";
    Stores.execute(folder, row + "('root-1', 'ROOT', 'ACTIVE', 'aa', x'01', 1000)");
    Stores.execute(folder, row + "('authority-1', 'ISSUING', 'RETIRED', 'bb', x'02', 2000)");
    Stores.execute(folder, row + "('authority-2', 'ISSUING', 'ACTIVE', 'cc', x'03', 3000)");
    Stores.execute(folder, row + "('authority-3', 'ISSUING', 'PREPARED', NULL, NULL, 4000)");
    Stores.execute(folder, "UPDATE bundle SET revision = 1");

    try (SqliteStore store = open()) {
      assertThat(store.authorityStore().trustVersion()).isEqualTo(new TrustVersion(1, 1));
      assertThat(store.authorityStore().authorities())
          .extracting(authority ->
              authority.keyId()
                  + " "
                  + authority.state()
                  + " "
                  + authority.root().map(KeyId::value).orElse("-")
                  + " "
                  + authority.replica()
                  + " "
                  + authority.since())
          .containsExactly(
              "root-1 ACTIVE -  Since[version=1, revision=1, at=1970-01-01T00:00:01Z]",
              "authority-1 RETIRED root-1 replica-1 Since[version=1, revision=1, at=1970-01-01T00:00:02Z]",
              "authority-2 ACTIVE root-1 replica-1 Since[version=1, revision=1, at=1970-01-01T00:00:03Z]",
              "authority-3 PREPARED root-1 replica-1 Since[version=1, revision=1, at=1970-01-01T00:00:04Z]");
      store.authorityStore().complete(new KeyId("authority-3"), "dd", new byte[] {4});
    }
    assertThat(
            Stores.strings(
                folder, "SELECT key_id FROM authority WHERE state = 'ACTIVE' ORDER BY key_id"))
        .containsExactly("authority-3", "root-1");
  }

  @Test
  void alteredMigration_isRefused() throws Exception {
    Stores.create(folder).close();
    Stores.execute(folder, "UPDATE flyway_schema_history SET checksum = 1 WHERE version = '1'");

    assertThatThrownBy(this::open).isInstanceOf(StartRefusedException.class);
  }

  /**
   * F7, I22: with any page damaged, the start is refused or what grants rest on is as it was.
   * Whether a node has an agent is what a forged or lost row would get wrong.
   */
  @Test
  void flippedPages_neverLoseAnAgent() throws Exception {
    fill();
    byte[] whole = Files.readAllBytes(file());
    int refused = 0;
    for (int seed = 0; seed < 60; seed++) {
      // What Random draws first hardly differs from one small seed to the next.
      SplittableRandom random = new SplittableRandom(seed);
      byte[] damaged = whole.clone();
      int page = random.nextInt(damaged.length / 4096) * 4096;
      for (int i = 0; i < 1 + random.nextInt(64); i++) {
        damaged[page + random.nextInt(4096)] ^= (byte) (1 + random.nextInt(255));
      }
      Files.write(file(), damaged);
      try (SqliteStore store = open()) {
        assertThat(agentKnown(store.liveAgents())).as("seed %d", seed).isTrue();
      } catch (StartRefusedException _) {
        refused++;
      }
      Files.deleteIfExists(folder.resolve("signet.db-wal"));
      Files.deleteIfExists(folder.resolve("signet.db-shm"));
    }

    assertThat(refused).isGreaterThan(10);
  }

  /** Not knowing is no loss: it refuses. */
  private static boolean agentKnown(LiveAgents agents) {
    try {
      return agents.on("demo", "node-7").isPresent();
    } catch (RefusedException _) {
      return true;
    }
  }

  private void fill() throws Exception {
    try (SqliteStore store = Stores.create(folder)) {
      for (int i = 0; i < 50; i++) {
        store
            .issuanceLog()
            .record(Records.agent("node-" + i, "pod-" + i, Optional.empty()))
            .get(20, TimeUnit.SECONDS);
      }
    }
    assertThat(new String(Files.readAllBytes(file()), StandardCharsets.ISO_8859_1))
        .startsWith("SQLite format 3");
  }
}
