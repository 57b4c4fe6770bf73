package dev.signet.ca.adapter.crypto;

class JdkCryptoProviderTest extends CryptoProviderContract {
  @Override
  CryptoProvider provider() {
    return CryptoProvider.jdk();
  }
}
