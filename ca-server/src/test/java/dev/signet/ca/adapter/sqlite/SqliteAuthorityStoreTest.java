package dev.signet.ca.adapter.sqlite;

import dev.signet.ca.authority.AuthorityStore;
import dev.signet.ca.authority.AuthorityStoreContract;
import dev.signet.ca.rotation.TrustStateStore;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class SqliteAuthorityStoreTest extends AuthorityStoreContract {
  @TempDir private Path folder;
  private SqliteStore store;

  @BeforeEach
  void open() {
    store = Stores.create(folder);
  }

  @AfterEach
  void close() throws IOException {
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
}
