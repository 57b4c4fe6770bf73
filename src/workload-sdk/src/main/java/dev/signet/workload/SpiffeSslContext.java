package dev.signet.workload;

import java.security.KeyManagementException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * A context that makes each connection in a context of its own. Sessions and tickets belong to a
 * context, so none can be resumed on another connection, whoever asks (T20): that follows from what
 * JSSE promises, on every version and both sides, where cache sizes and time-outs only make it
 * unlikely. Making one costs microseconds, a handshake a millisecond.
 */
final class SpiffeSslContext extends SSLContext {

  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  /** RFC 9325 section 4.2: forward secrecy and AEAD. */
  private static final Pattern CIPHER_SUITES =
      Pattern.compile("TLS_(AES|CHACHA20)_.*|TLS_ECDHE_.*_(GCM|CHACHA20_POLY1305)_.*");

  /**
   * Above the longest life of a ticket (RFC 8446 section 4.6.1: seven days) the JDK sends none:
   * bytes saved.
   */
  private static final int NO_TICKETS_SECONDS = 8 * 24 * 60 * 60;

  private SpiffeSslContext(Spi spi, Provider provider, String protocol) {
    super(spi, provider, protocol);
  }

  static SpiffeSslContext of(KeyManager keyManager, TrustManager trustManager) {
    SSLContext template = Spi.newContext(null);
    Spi spi = new Spi(template, new KeyManager[] {keyManager}, new TrustManager[] {trustManager});
    return new SpiffeSslContext(spi, template.getProvider(), template.getProtocol());
  }

  static final class Spi extends SSLContextSpi {
    private final SSLContext template;
    private final KeyManager[] keyManagers;
    private final TrustManager[] trustManagers;
    private final SecureRandom random = new SecureRandom();
    private final String[] cipherSuites;

    Spi(SSLContext template, KeyManager[] keyManagers, TrustManager[] trustManagers) {
      this.template = template;
      this.keyManagers = keyManagers;
      this.trustManagers = trustManagers;
      initialise(template);
      this.cipherSuites =
          Arrays.stream(template.getDefaultSSLParameters().getCipherSuites())
              .filter(suite -> CIPHER_SUITES.matcher(suite).matches())
              .toArray(String[]::new);
    }

    private static SSLContext newContext(@Nullable Provider provider) {
      try {
        return provider == null
            ? SSLContext.getInstance("TLS")
            : SSLContext.getInstance("TLS", provider);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("this Java has no TLS provider", e);
      }
    }

    private void initialise(SSLContext context) {
      try {
        context.init(keyManagers, trustManagers, random);
      } catch (KeyManagementException e) {
        throw new IllegalStateException("this Java's TLS provider takes no key manager", e);
      }
      context.getServerSessionContext().setSessionTimeout(NO_TICKETS_SECONDS);
      context.getClientSessionContext().setSessionTimeout(NO_TICKETS_SECONDS);
    }

    private SSLContext fresh() {
      SSLContext context = newContext(template.getProvider());
      initialise(context);
      return context;
    }

    SSLSocketFactory freshSocketFactory() {
      return fresh().getSocketFactory();
    }

    SSLSocket prepared(SSLSocket socket) {
      socket.setSSLParameters(engineGetDefaultSSLParameters());
      return socket;
    }

    private SSLEngine prepared(SSLEngine engine) {
      engine.setSSLParameters(engineGetDefaultSSLParameters());
      return engine;
    }

    @Override
    protected void engineInit(
        KeyManager @Nullable [] km, TrustManager @Nullable [] tm, @Nullable SecureRandom sr)
        throws KeyManagementException {
      throw new KeyManagementException(
          "a context of SpiffeTls has its managers: make another with SpiffeTls.of");
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
      return prepared(fresh().createSSLEngine());
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(@Nullable String host, int port) {
      return prepared(fresh().createSSLEngine(host, port));
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
      return new SpiffeSocketFactory(this);
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
      return new SpiffeServerSocketFactory(this);
    }

    /** Always empty. */
    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
      return template.getServerSessionContext();
    }

    /** Always empty. */
    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
      return template.getClientSessionContext();
    }

    @Override
    protected SSLParameters engineGetDefaultSSLParameters() {
      SSLParameters parameters = new SSLParameters(cipherSuites, PROTOCOLS);
      // Means nothing to a client.
      parameters.setNeedClientAuth(true);
      return parameters;
    }

    @Override
    protected SSLParameters engineGetSupportedSSLParameters() {
      return new SSLParameters(cipherSuites, PROTOCOLS);
    }
  }
}
