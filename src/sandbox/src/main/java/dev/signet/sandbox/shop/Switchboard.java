package dev.signet.sandbox.shop;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Where the shop's programs report once they serve, and take orders from: the story's hand in each
 * pod, in place of {@code kubectl exec}. Nobody polls: a program is there when its line is. Calls
 * between programs do not pass here. Thread-safe.
 */
public final class Switchboard implements AutoCloseable {
  /** The environment variable by which a program knows where to report. */
  public static final String ADDRESS = "SHOP_SWITCHBOARD";

  private final ServerSocket listener;
  private final Map<String, CompletableFuture<ProgramLine>> lines = new ConcurrentHashMap<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  private Switchboard(ServerSocket listener) {
    this.listener = listener;
  }

  public static Switchboard open() throws IOException {
    Switchboard board = new Switchboard(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
    Thread.ofVirtual().name("switchboard").start(board::accept);
    return board;
  }

  /** For {@link #ADDRESS}. */
  public String address() {
    return listener.getInetAddress().getHostAddress() + ":" + listener.getLocalPort();
  }

  /**
   * The program of that name, once it serves.
   *
   * @throws TimeoutException if it has not reported in time
   */
  public ProgramLine program(String name, Duration limit)
      throws InterruptedException, TimeoutException {
    try {
      return line(name).get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private CompletableFuture<ProgramLine> line(String name) {
    return lines.computeIfAbsent(name, absent -> new CompletableFuture<>());
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        open.add(socket);
        Thread.ofVirtual().name("switchboard-line").start(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket;
        BufferedReader reader = Words.reader(socket)) {
      String greeting = reader.readLine();
      if (greeting == null) {
        return;
      }
      List<String> words = Words.words(greeting);
      ProgramLine line =
          new ProgramLine(words.get(0), Integer.parseInt(words.get(1)), Words.writer(socket));
      line(line.name()).complete(line);
      line.listen(reader);
    } catch (IOException e) {
      // The program ended in the middle of a word: its line says so to whoever waits.
    } finally {
      open.remove(socket);
    }
  }

  /** Programs end when their line does. */
  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
