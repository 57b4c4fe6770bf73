package dev.signet.ca.adapter.sqlite;

import dev.signet.ca.authority.AuthorityStore;
import dev.signet.ca.rotation.TrustStateStore;
import dev.signet.ca.rotation.TrustStateStoreContract;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class SqliteTrustStateStoreTest extends TrustStateStoreContract {
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
  protected TrustStateStore store() {
    return store.trustStates();
  }

  @Override
  protected AuthorityStore authorities() {
    return store.authorityStore();
  }
}
