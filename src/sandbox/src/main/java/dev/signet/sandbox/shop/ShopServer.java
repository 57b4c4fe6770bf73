package dev.signet.sandbox.shop;

import dev.signet.sandbox.shop.HttpWire.Response;
import dev.signet.spiffe.VerifiedX509Svid;
import dev.signet.workload.PeerIdentity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/**
 * A server on the loopback address that talks to callers with an identity alone, and remembers whom
 * it turned away and why. Thread-safe.
 */
final class ShopServer implements AutoCloseable {
  private static final int IDLE_MILLIS = 60_000;
  private static final int MOST_REFUSALS = 1000;

  private final SSLServerSocket listener;
  private final Function<VerifiedX509Svid, String> page;
  private final BlockingQueue<String> refusals = new LinkedBlockingQueue<>(MOST_REFUSALS);

  private ShopServer(SSLServerSocket listener, Function<VerifiedX509Svid, String> page) {
    this.listener = listener;
    this.page = page;
  }

  /**
   * Serves one page to everybody whom the context lets in.
   *
   * @param page what a caller gets to see
   */
  static ShopServer start(SSLContext tls, Function<VerifiedX509Svid, String> page)
      throws IOException {
    SSLServerSocket listener =
        (SSLServerSocket)
            tls.getServerSocketFactory()
                .createServerSocket(0, 200, InetAddress.getLoopbackAddress());
    ShopServer server = new ShopServer(listener, page);
    Thread.ofVirtual().name("shop-server").start(server::accept);
    return server;
  }

  int port() {
    return listener.getLocalPort();
  }

  /**
   * Why the next caller was turned away, in the order of their coming; each is told once.
   *
   * @return the fact {@code reason}
   */
  Map<String, String> nextRefusal() throws InterruptedException {
    return Optional.ofNullable(refusals.poll(10, TimeUnit.SECONDS))
        .map(reason -> Map.of("reason", reason))
        .orElse(Map.of("error", "nobody was turned away"));
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        SSLSocket socket = (SSLSocket) listener.accept();
        Thread.ofVirtual().name("shop-connection").start(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(SSLSocket socket) {
    try (socket) {
      socket.setSoTimeout(IDLE_MILLIS);
      Optional<VerifiedX509Svid> caller = admit(socket);
      if (caller.isPresent()) {
        HttpWire wire = new HttpWire(socket.getInputStream(), socket.getOutputStream());
        while (wire.request().isPresent()) {
          wire.answer(new Response(200, page.apply(caller.get())));
        }
      }
    } catch (IOException e) {
      // The caller went away or broke off; it has its own say about that.
    }
  }

  private Optional<VerifiedX509Svid> admit(SSLSocket socket) throws SocketException {
    try {
      socket.startHandshake();
      return Optional.of(PeerIdentity.of(socket.getSession()));
    } catch (IOException e) {
      refusals.offer(Reasons.of(e));
      return Optional.empty();
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
