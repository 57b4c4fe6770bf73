package dev.signet.ca.adapter.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.adapter.crypto.CryptoProvider;
import dev.signet.ca.adapter.keys.KeyEncryptionKey;
import dev.signet.ca.adapter.keys.SealedKeyManager;
import dev.signet.ca.issuance.IssuanceStep;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.keys.KeyManager;
import dev.signet.ca.keys.KeyManagerContract;
import dev.signet.ca.keys.KeyManagerException.Problem;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.sql.SQLException;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** The keys of a CA whose store is PostgreSQL, and those of its other replicas. */
@TestInstance(Lifecycle.PER_CLASS)
class PostgresSealedKeysTest extends KeyManagerContract {
  private static final CryptoProvider CRYPTO = CryptoProvider.choose();
  private static final KeyId OTHER = new KeyId("authority-1");

  private final String url = newDatabase();
  private final PostgresStore store = PostgresStores.create(url);

  private static String newDatabase() {
    try {
      return PostgresServer.shared().newDatabase();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  @AfterAll
  void close() {
    store.close();
  }

  @Override
  protected KeyManager empty() throws SQLException {
    PostgresStores.empty(url);
    return replica(1);
  }

  private KeyManager replica(int kek) {
    return replica(kek, IssuanceSteps.NONE);
  }

  private KeyManager replica(int kek, IssuanceSteps steps) {
    byte[] key = new byte[32];
    key[0] = (byte) kek;
    byte[] file = Base64.getEncoder().encodeToString(key).getBytes(StandardCharsets.US_ASCII);
    return new SealedKeyManager(
        store.sealedKeys().orElseThrow(), KeyEncryptionKey.parse(file), CRYPTO, steps);
  }

  @Test
  void keyOfOneReplica_signsInAnother() throws Exception {
    PublicKey created = replica(1).create(ID);
    KeyManager other = replica(1);

    assertThat(other.list()).containsExactly(ID);
    assertThat(other.publicKey(ID).getEncoded()).isEqualTo(created.getEncoded());
    assertThat(CRYPTO.verify("SHA256withECDSA", created, new byte[3], other.sign(ID, new byte[3])))
        .isTrue();
  }

  @Test
  void createdAtOnceByManyReplicas_isMadeOnce() throws Exception {
    List<Callable<PublicKey>> creations =
        List.of(() -> replica(1).create(ID), () -> replica(1).create(ID));
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      List<Future<PublicKey>> made = threads.invokeAll(creations);

      assertThat(made)
          .filteredOn(of -> of.state() == Future.State.SUCCESS)
          .singleElement()
          .satisfies(of ->
              assertThat(of.resultNow().getEncoded())
                  .isEqualTo(replica(1).publicKey(ID).getEncoded()));
    }
  }

  @Test
  void otherKeyEncryptionKey_isNamedAsSuch() throws Exception {
    replica(1).create(ID);

    assertThat(problem(() -> replica(2).publicKey(ID))).isEqualTo(Problem.OTHER_KEY_ENCRYPTION_KEY);
    assertThatThrownBy(() -> replica(2).publicKey(ID))
        .hasMessageContaining("the sealed key root-1 in the store")
        .hasMessageContaining("key_encryption_key_file");
  }

  @Test
  void rowOfAnotherKey_isSwapped() throws Exception {
    replica(1).create(ID);
    replica(1).create(OTHER);
    PostgresServer.execute(
        url,
        "UPDATE sealed_key SET sealed = (SELECT sealed FROM sealed_key WHERE key_id ="
            + " 'authority-1') WHERE key_id = 'root-1'");

    assertThat(problem(() -> replica(1).publicKey(ID))).isEqualTo(Problem.SWAPPED);
  }

  @Test
  void alteredOrCutOrHugeRow_isDamaged() throws Exception {
    for (String sealed :
        List.of(
            "substring(sealed FOR 200)",
            "set_byte(sealed, octet_length(sealed) - 10, 65)",
            "sealed || decode(repeat('00', 5000), 'hex')",
            "''::bytea")) {
      KeyManager keys = empty();
      keys.create(ID);
      PostgresServer.execute(url, "UPDATE sealed_key SET sealed = " + sealed);

      assertThat(problem(() -> replica(1).publicKey(ID))).as(sealed).isEqualTo(Problem.DAMAGED);
    }
  }

  /** T33: the database without the key-encryption key is worth nothing. */
  @Test
  void row_holdsWhatAFileWouldHold() throws Exception {
    PublicKey created = replica(1).create(ID);

    assertThat(PostgresStores.strings(url, "SELECT convert_from(sealed, 'UTF8') FROM sealed_key"))
        .singleElement()
        .satisfies(text ->
            assertThat(text.lines())
                .hasSize(6)
                .contains(
                    "id root-1",
                    "public-key " + Base64.getEncoder().encodeToString(created.getEncoded())));
  }

  /** As of a process that died: the row is committed, or there is none. */
  @Test
  void cutOffBeforeItsCommit_isNoKey() throws Exception {
    KeyManager cut =
        replica(
            1,
            step -> {
              if (step == IssuanceStep.KEY_WRITTEN) {
                throw new IllegalStateException("cut off");
              }
            });

    assertThatThrownBy(() -> cut.create(ID)).isInstanceOf(IllegalStateException.class);
    assertThat(replica(1).list()).isEmpty();
  }

  @Test
  void storeThatIsAway_isUnavailable() throws Exception {
    PostgresStore closed = PostgresStores.create(url);
    KeyManager keys =
        new SealedKeyManager(
            closed.sealedKeys().orElseThrow(),
            KeyEncryptionKey.parse(
                Base64.getEncoder()
                    .encodeToString(
                        new byte[] {
                          1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                          22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32
                        })
                    .getBytes(StandardCharsets.US_ASCII)),
            CRYPTO,
            IssuanceSteps.NONE);
    closed.close();

    assertThat(problem(() -> keys.create(ID))).isEqualTo(Problem.UNAVAILABLE);
    assertThat(problem(() -> keys.publicKey(ID))).isEqualTo(Problem.UNAVAILABLE);
    assertThat(problem(keys::list)).isEqualTo(Problem.UNAVAILABLE);
  }
}
