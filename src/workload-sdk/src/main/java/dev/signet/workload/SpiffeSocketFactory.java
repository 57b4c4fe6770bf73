package dev.signet.workload;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** Client sockets, each of a context of its own. Thread-safe. */
final class SpiffeSocketFactory extends SSLSocketFactory {

  private final SpiffeSslContext.Spi context;

  SpiffeSocketFactory(SpiffeSslContext.Spi context) {
    this.context = context;
  }

  private Socket prepared(Socket socket) {
    return context.prepared((SSLSocket) socket);
  }

  @Override
  public Socket createSocket() throws IOException {
    return prepared(context.freshSocketFactory().createSocket());
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return prepared(context.freshSocketFactory().createSocket(host, port));
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort)
      throws IOException {
    return prepared(context.freshSocketFactory().createSocket(host, port, local, localPort));
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return prepared(context.freshSocketFactory().createSocket(host, port));
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
      throws IOException {
    return prepared(context.freshSocketFactory().createSocket(host, port, local, localPort));
  }

  @Override
  public Socket createSocket(Socket socket, String host, int port, boolean autoClose)
      throws IOException {
    return prepared(context.freshSocketFactory().createSocket(socket, host, port, autoClose));
  }

  @Override
  public Socket createSocket(Socket socket, @Nullable InputStream consumed, boolean autoClose)
      throws IOException {
    return prepared(context.freshSocketFactory().createSocket(socket, consumed, autoClose));
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
