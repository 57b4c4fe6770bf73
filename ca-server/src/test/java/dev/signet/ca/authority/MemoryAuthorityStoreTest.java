package dev.signet.ca.authority;

class MemoryAuthorityStoreTest extends AuthorityStoreContract {
  private final MemoryAuthorityStore store = new MemoryAuthorityStore();

  @Override
  protected AuthorityStore store() {
    return store;
  }
}
