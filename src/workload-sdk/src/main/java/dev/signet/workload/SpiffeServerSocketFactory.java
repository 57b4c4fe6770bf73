package dev.signet.workload;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import javax.net.ssl.SSLServerSocketFactory;
import org.jspecify.annotations.Nullable;

/** Server sockets whose connections each have a context of their own. Thread-safe. */
final class SpiffeServerSocketFactory extends SSLServerSocketFactory {

  private static final int DEFAULT_BACKLOG = 50;

  private final SpiffeSslContext.Spi context;

  SpiffeServerSocketFactory(SpiffeSslContext.Spi context) {
    this.context = context;
  }

  @Override
  public ServerSocket createServerSocket() throws IOException {
    return new SpiffeServerSocket(context);
  }

  @Override
  public ServerSocket createServerSocket(int port) throws IOException {
    return createServerSocket(port, DEFAULT_BACKLOG, null);
  }

  @Override
  public ServerSocket createServerSocket(int port, int backlog) throws IOException {
    return createServerSocket(port, backlog, null);
  }

  @Override
  public ServerSocket createServerSocket(int port, int backlog, @Nullable InetAddress address)
      throws IOException {
    return new SpiffeServerSocket(context, port, backlog, address);
  }

  @Override
  public String[] getDefaultCipherSuites() {
    return context.engineGetDefaultSSLParameters().getCipherSuites();
  }

  @Override
  public String[] getSupportedCipherSuites() {
    return context.engineGetSupportedSSLParameters().getCipherSuites();
  }
}
