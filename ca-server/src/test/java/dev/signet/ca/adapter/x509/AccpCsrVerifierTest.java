package dev.signet.ca.adapter.x509;

import dev.signet.ca.adapter.crypto.CryptoProvider;
import java.security.GeneralSecurityException;

class AccpCsrVerifierTest extends CsrVerifierContract {
  @Override
  CryptoProvider provider() {
    try {
      return CryptoProvider.accp();
    } catch (GeneralSecurityException e) {
      throw new AssertionError("the build runs on linux-x86_64, where ACCP loads", e);
    }
  }
}
