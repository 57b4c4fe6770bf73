package dev.signet.workload;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/** A server on a plain TLS socket that answers each line, one connection after the other. */
final class EchoServer implements AutoCloseable {

  private final SSLServerSocket listener;

  /** Of each connection: its session, or the exception that ended it. */
  private final BlockingQueue<Object> outcomes = new LinkedBlockingQueue<>();

  private final Thread thread = new Thread(this::serve, "echo-server");

  private EchoServer(SSLServerSocket listener) {
    this.listener = listener;
  }

  static EchoServer start(SSLContext context, String... protocols) throws IOException {
    SSLServerSocket listener =
        (SSLServerSocket)
            context
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    if (protocols.length > 0) {
      listener.setEnabledProtocols(protocols);
    }
    EchoServer server = new EchoServer(listener);
    server.thread.start();
    return server;
  }

  int port() {
    return listener.getLocalPort();
  }

  SSLSession nextSession() throws InterruptedException {
    Object outcome = Eventually.next("a connection", outcomes);
    if (outcome instanceof Exception failure) {
      throw new AssertionError("the server refused", failure);
    }
    return (SSLSession) outcome;
  }

  Exception nextFailure() throws InterruptedException {
    Object outcome = Eventually.next("a refused connection", outcomes);
    if (outcome instanceof Exception failure) {
      return failure;
    }
    throw new AssertionError("the server accepted " + outcome);
  }

  private void serve() {
    while (!listener.isClosed()) {
      try (SSLSocket socket = (SSLSocket) listener.accept()) {
        socket.setSoTimeout((int) Eventually.LIMIT.toMillis());
        answer(socket);
      } catch (IOException e) {
        if (!listener.isClosed()) {
          outcomes.add(e);
        }
      }
    }
  }

  private void answer(SSLSocket socket) throws IOException {
    socket.startHandshake();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    String line = in.readLine();
    OutputStream out = socket.getOutputStream();
    out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
    outcomes.add(socket.getSession());
    // Until the client hangs up, so that it reads all that is sent after the handshake.
    String end = in.readLine();
    if (end != null) {
      throw new IOException("more than one line");
    }
  }

  /** Sends a line and reads it back; the session of the finished handshake. */
  static SSLSession call(SSLContext context, int port, String... protocols) throws IOException {
    try (SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout((int) Eventually.LIMIT.toMillis());
      if (protocols.length > 0) {
        socket.setEnabledProtocols(protocols);
      }
      return call(socket);
    }
  }

  static SSLSession call(SSLSocket socket) throws IOException {
    socket.startHandshake();
    socket.getOutputStream().write("hello\n".getBytes(StandardCharsets.UTF_8));
    BufferedReader in =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    String line = in.readLine();
    if (!"hello".equals(line)) {
      throw new IOException("the connection ended without an answer");
    }
    return socket.getSession();
  }

  @Override
  public void close() {
    try {
      listener.close();
      thread.join();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
