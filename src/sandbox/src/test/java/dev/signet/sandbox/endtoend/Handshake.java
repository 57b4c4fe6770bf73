package dev.signet.sandbox.endtoend;

import dev.signet.spiffe.SpiffeId;
import dev.signet.workload.PeerIdentity;
import dev.signet.workload.SpiffeTls;
import java.io.IOException;
import java.net.InetAddress;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** Mutual TLS over loopback, with one byte each way, and who either end says the other is. */
record Handshake(SpiffeId seenByClient, SpiffeId seenByServer) {
  private static final int MILLIS = 10_000;

  /** Throws what the server found wrong. */
  static Handshake between(SpiffeTls client, SpiffeTls server) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        SSLServerSocket listener =
            (SSLServerSocket)
                server
                    .sslContext()
                    .getServerSocketFactory()
                    .createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Future<SpiffeId> accepted = threads.submit(() -> exchange((SSLSocket) listener.accept()));
      Future<SpiffeId> connected =
          threads.submit(() ->
              exchange(
                  (SSLSocket)
                      client
                          .sslContext()
                          .getSocketFactory()
                          .createSocket(listener.getInetAddress(), listener.getLocalPort())));
      SpiffeId seenByServer = result(accepted);
      return new Handshake(result(connected), seenByServer);
    }
  }

  private static SpiffeId exchange(SSLSocket socket) throws IOException {
    try (socket) {
      socket.setSoTimeout(MILLIS);
      socket.startHandshake();
      socket.getOutputStream().write(1);
      if (socket.getInputStream().read() != 1) {
        throw new IOException("the other end has broken off");
      }
      return PeerIdentity.of(socket.getSession()).id();
    }
  }

  private static SpiffeId result(Future<SpiffeId> end) throws Exception {
    try {
      return end.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }
}
