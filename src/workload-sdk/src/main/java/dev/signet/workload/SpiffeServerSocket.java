package dev.signet.workload;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Accepts plain connections and puts TLS on each in a context of its own: the JDK's server socket
 * would share one context, and with it the sessions, among all it accepts.
 *
 * <p>As thread-safe as any server socket: set it up, then accept from as many threads as wanted.
 */
final class SpiffeServerSocket extends SSLServerSocket {

  private final SpiffeSslContext.Spi context;
  private volatile SSLParameters parameters;
  private volatile boolean clientMode;
  private volatile boolean sessionCreation = true;

  SpiffeServerSocket(SpiffeSslContext.Spi context) throws IOException {
    this.context = context;
    this.parameters = context.engineGetDefaultSSLParameters();
  }

  SpiffeServerSocket(
      SpiffeSslContext.Spi context, int port, int backlog, @Nullable InetAddress address)
      throws IOException {
    super(port, backlog, address);
    this.context = context;
    this.parameters = context.engineGetDefaultSSLParameters();
  }

  @Override
  public Socket accept() throws IOException {
    if (isClosed()) {
      throw new SocketException("the server socket is closed");
    }
    Socket plain = new Socket();
    implAccept(plain);
    try {
      SSLSocket socket = (SSLSocket) context.freshSocketFactory().createSocket(plain, null, true);
      socket.setUseClientMode(clientMode);
      socket.setEnableSessionCreation(sessionCreation);
      socket.setSSLParameters(parameters);
      return socket;
    } catch (IOException | RuntimeException e) {
      plain.close();
      throw e;
    }
  }

  @Override
  public SSLParameters getSSLParameters() {
    return copy(parameters);
  }

  @Override
  public void setSSLParameters(SSLParameters next) {
    parameters = copy(next);
  }

  @Override
  public String[] getEnabledCipherSuites() {
    return parameters.getCipherSuites();
  }

  @Override
  public void setEnabledCipherSuites(String[] suites) {
    SSLParameters next = copy(parameters);
    next.setCipherSuites(suites);
    parameters = next;
  }

  @Override
  public String[] getSupportedCipherSuites() {
    return context.engineGetSupportedSSLParameters().getCipherSuites();
  }

  @Override
  public String[] getSupportedProtocols() {
    return context.engineGetSupportedSSLParameters().getProtocols();
  }

  @Override
  public String[] getEnabledProtocols() {
    return parameters.getProtocols();
  }

  @Override
  public void setEnabledProtocols(String[] protocols) {
    SSLParameters next = copy(parameters);
    next.setProtocols(protocols);
    parameters = next;
  }

  @Override
  public boolean getNeedClientAuth() {
    return parameters.getNeedClientAuth();
  }

  @Override
  public void setNeedClientAuth(boolean need) {
    SSLParameters next = copy(parameters);
    next.setNeedClientAuth(need);
    parameters = next;
  }

  @Override
  public boolean getWantClientAuth() {
    return parameters.getWantClientAuth();
  }

  @Override
  public void setWantClientAuth(boolean want) {
    SSLParameters next = copy(parameters);
    next.setWantClientAuth(want);
    parameters = next;
  }

  @Override
  public boolean getUseClientMode() {
    return clientMode;
  }

  @Override
  public void setUseClientMode(boolean mode) {
    clientMode = mode;
  }

  @Override
  public boolean getEnableSessionCreation() {
    return sessionCreation;
  }

  @Override
  public void setEnableSessionCreation(boolean flag) {
    sessionCreation = flag;
  }

  /** Parameters are mutable, and a caller keeps what it handed in. */
  private static SSLParameters copy(SSLParameters from) {
    SSLParameters to = new SSLParameters(from.getCipherSuites(), from.getProtocols());
    if (from.getNeedClientAuth()) {
      to.setNeedClientAuth(true);
    } else {
      to.setWantClientAuth(from.getWantClientAuth());
    }
    to.setUseCipherSuitesOrder(from.getUseCipherSuitesOrder());
    to.setApplicationProtocols(from.getApplicationProtocols());
    if (from.getServerNames() != null) {
      to.setServerNames(from.getServerNames());
    }
    if (from.getSNIMatchers() != null) {
      to.setSNIMatchers(from.getSNIMatchers());
    }
    to.setAlgorithmConstraints(from.getAlgorithmConstraints());
    to.setEndpointIdentificationAlgorithm(from.getEndpointIdentificationAlgorithm());
    return to;
  }
}
