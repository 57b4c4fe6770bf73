package dev.signet.ca.adapter.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.authority.AuthorityStore;
import dev.signet.ca.authority.AuthorityStoreContract;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.AuthorityState;
import dev.signet.ca.rotation.TrustStateStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

@TestInstance(Lifecycle.PER_CLASS)
class PostgresAuthorityStoreTest extends AuthorityStoreContract {
  private final String url = newDatabase();
  private final PostgresStore store = PostgresStores.create(url);

  private static String newDatabase() {
    try {
      return PostgresServer.shared().newDatabase();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeEach
  void empty() throws SQLException {
    PostgresStores.empty(url);
  }

  @AfterAll
  void close() {
    store.close();
  }

  @Override
  protected TrustStateStore trustStates() {
    return store.trustStates();
  }

  @Override
  protected AuthorityStore store() {
    return store.authorityStore();
  }

  /** RR5: between an authority's last look at its root and its row nothing comes. */
  @Test
  void rootReplacedWhileAnAuthorityIsCompleted_isNoticed() throws Exception {
    makeRoot();
    store().prepare(ONE, issuing("replica-1"), NOW);
    try (Connection other = PostgresServer.connect(url);
        Statement step = other.createStatement();
        ExecutorService threads = Executors.newSingleThreadExecutor()) {
      other.setAutoCommit(false);
      step.execute("LOCK TABLE bundle IN EXCLUSIVE MODE");
      Future<RefusalReason> completed =
          threads.submit(() -> refusal(() -> store().complete(ONE, HASH, CERTIFICATE)));
      PostgresStores.awaitWaiting(url, 1);
      step.execute("UPDATE bundle SET version = 2");
      step.execute("UPDATE authority SET state = 'RETIRING' WHERE key_id = 'root-1'");
      other.commit();

      assertThat(completed.get(20, TimeUnit.SECONDS))
          .isEqualTo(RefusalReason.AUTHORITY_UNAVAILABLE);
    }
    assertThat(row(ONE).state()).isEqualTo(AuthorityState.PREPARED);
  }

  /** Two processes that complete authorities of one replica at once: one is active in the end. */
  @Test
  void manyProcessesOfOneReplica_oneAuthorityIsActive() throws Exception {
    makeRoot();
    try (PostgresStore other =
            PostgresStore.open(PostgresStores.settings(url), IssuanceSteps.NONE, _ -> {});
        ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (int i = 0; i < 20; i++) {
        KeyId one = new KeyId("authority-a" + i);
        KeyId two = new KeyId("authority-b" + i);
        store().prepare(one, issuing("replica-1"), NOW);
        store().prepare(two, issuing("replica-1"), NOW);
        List<Callable<Boolean>> both =
            List.of(() -> completed(store(), one), () -> completed(other.authorityStore(), two));
        assertThat(threads.invokeAll(both)).extracting(Future::resultNow).contains(true);

        assertThat(PostgresStores.strings(url, ACTIVE)).hasSize(1);
      }
    }
  }

  private static final String ACTIVE =
      "SELECT key_id FROM authority WHERE role = 'ISSUING' AND state = 'ACTIVE'";

  private static boolean completed(AuthorityStore store, KeyId keyId) {
    try {
      store.complete(keyId, HASH, CERTIFICATE);
      return true;
    } catch (RefusedException _) {
      return false;
    }
  }
}
