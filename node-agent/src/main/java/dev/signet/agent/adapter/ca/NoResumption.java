package dev.signet.agent.adapter.ca;

import java.security.KeyManagementException;
import java.security.SecureRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

/**
 * An SSLContext whose client engines never resume a session. A resumed handshake shows no
 * certificate, so nothing would verify the server again (THREATS.md T20). The JDK looks sessions up
 * by host and port and has no switch to turn that off; an engine that was told neither has nothing
 * to look up.
 */
final class NoResumption extends SSLContext {

  private NoResumption(SSLContext inner) {
    super(new Engines(inner), inner.getProvider(), inner.getProtocol());
  }

  static SSLContext around(SSLContext inner) {
    return new NoResumption(inner);
  }

  private static final class Engines extends SSLContextSpi {
    private final SSLContext inner;

    Engines(SSLContext inner) {
      this.inner = inner;
    }

    @Override
    protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random)
        throws KeyManagementException {
      throw new KeyManagementException("initialised already");
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
      return inner.createSSLEngine();
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(String host, int port) {
      return inner.createSSLEngine();
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
      throw new UnsupportedOperationException("engines only");
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
      throw new UnsupportedOperationException("engines only");
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
      return inner.getServerSessionContext();
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
      return inner.getClientSessionContext();
    }

    @Override
    protected SSLParameters engineGetDefaultSSLParameters() {
      return inner.getDefaultSSLParameters();
    }

    @Override
    protected SSLParameters engineGetSupportedSSLParameters() {
      return inner.getSupportedSSLParameters();
    }
  }
}
