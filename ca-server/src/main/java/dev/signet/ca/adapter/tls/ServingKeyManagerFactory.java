package dev.signet.ca.adapter.tls;

import io.netty.handler.ssl.util.SimpleKeyManagerFactory;
import java.security.KeyStore;
import javax.net.ssl.KeyManager;
import javax.net.ssl.ManagerFactoryParameters;

/** Hands a key manager to Netty, which asks for a factory where it is to keep prepared keys. */
final class ServingKeyManagerFactory extends SimpleKeyManagerFactory {
  private final ServingKeyManager keyManager;

  ServingKeyManagerFactory(ServingKeyManager keyManager) {
    this.keyManager = keyManager;
  }

  @Override
  protected void engineInit(KeyStore keyStore, char[] password) {}

  @Override
  protected void engineInit(ManagerFactoryParameters parameters) {}

  @Override
  protected KeyManager[] engineGetKeyManagers() {
    return new KeyManager[] {keyManager};
  }
}
