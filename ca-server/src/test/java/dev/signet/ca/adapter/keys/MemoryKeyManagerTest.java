package dev.signet.ca.adapter.keys;

import dev.signet.ca.adapter.crypto.CryptoProvider;
import dev.signet.ca.keys.KeyManager;
import dev.signet.ca.keys.KeyManagerContract;

class MemoryKeyManagerTest extends KeyManagerContract {
  @Override
  protected KeyManager empty() {
    return new MemoryKeyManager(CryptoProvider.choose());
  }
}
