package dev.signet.ca.adapter.postgresql;

import dev.signet.ca.authority.AuthorityStore;
import dev.signet.ca.authority.AuthorityStoreContract;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
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
  protected AuthorityStore store() {
    return store.authorityStore();
  }
}
