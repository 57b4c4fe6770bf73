package dev.signet.ca.adapter.crypto;

import java.security.GeneralSecurityException;

class AccpCryptoProviderTest extends CryptoProviderContract {
  @Override
  CryptoProvider provider() {
    try {
      return CryptoProvider.accp();
    } catch (GeneralSecurityException e) {
      throw new AssertionError("the build runs on linux-x86_64, where ACCP loads", e);
    }
  }
}
