package dev.signet.ca.authority;

import dev.signet.ca.rotation.TrustStateStore;

class MemoryAuthorityStoreTest extends AuthorityStoreContract {
  private final MemoryAuthorityStore store = new MemoryAuthorityStore();

  @Override
  protected AuthorityStore store() {
    return store;
  }

  @Override
  protected TrustStateStore trustStates() {
    return store;
  }
}
