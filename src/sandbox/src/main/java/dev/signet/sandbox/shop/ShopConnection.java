package dev.signet.sandbox.shop;

import dev.signet.sandbox.shop.HttpWire.Response;
import dev.signet.spiffe.VerifiedX509Svid;
import dev.signet.workload.PeerIdentity;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** One connection to a {@link ShopServer}, for as many calls as one likes. Not thread-safe. */
final class ShopConnection implements AutoCloseable {
  private static final int CONNECT_MILLIS = 2_000;
  private static final int ANSWER_MILLIS = 10_000;

  private final SSLSocket socket;
  private final HttpWire wire;
  private final VerifiedX509Svid server;
  private final String ownSerial;

  private ShopConnection(SSLSocket socket) throws IOException {
    this.socket = socket;
    this.server = PeerIdentity.of(socket.getSession());
    X509Certificate own = (X509Certificate) socket.getSession().getLocalCertificates()[0];
    this.ownSerial = serial(own.getSerialNumber());
    this.wire = new HttpWire(socket.getInputStream(), socket.getOutputStream());
  }

  /** Connects and shakes hands; with TLS 1.3 a server's refusal shows on the first call only. */
  static ShopConnection open(SSLContext tls, InetSocketAddress address) throws IOException {
    Socket plain = new Socket();
    try {
      plain.connect(address, CONNECT_MILLIS);
      plain.setSoTimeout(ANSWER_MILLIS);
      SSLSocket socket =
          (SSLSocket)
              tls.getSocketFactory()
                  .createSocket(plain, address.getHostString(), address.getPort(), true);
      socket.startHandshake();
      return new ShopConnection(socket);
    } catch (IOException e) {
      plain.close();
      throw e;
    }
  }

  Response get(String path) throws IOException {
    wire.ask(path);
    return wire.answer();
  }

  /** Who serves. */
  VerifiedX509Svid server() {
    return server;
  }

  String serverSerial() {
    return serial(server.leaf().getSerialNumber());
  }

  /** The serial of the leaf that this end presented. */
  String ownSerial() {
    return ownSerial;
  }

  private static String serial(BigInteger number) {
    return number.toString(16);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
