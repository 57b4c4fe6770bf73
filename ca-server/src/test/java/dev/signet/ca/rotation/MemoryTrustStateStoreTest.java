package dev.signet.ca.rotation;

import dev.signet.ca.authority.AuthorityStore;
import dev.signet.ca.authority.MemoryAuthorityStore;

class MemoryTrustStateStoreTest extends TrustStateStoreContract {
  private final MemoryAuthorityStore store = new MemoryAuthorityStore();

  @Override
  protected TrustStateStore store() {
    return store;
  }

  @Override
  protected AuthorityStore authorities() {
    return store;
  }
}
