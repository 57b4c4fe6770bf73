package dev.signet.ca.adapter.x509;

import dev.signet.ca.adapter.crypto.CryptoProvider;

class JdkCsrVerifierTest extends CsrVerifierContract {
  @Override
  CryptoProvider provider() {
    return CryptoProvider.jdk();
  }
}
