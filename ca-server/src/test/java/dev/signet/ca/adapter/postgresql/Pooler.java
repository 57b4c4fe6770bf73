package dev.signet.ca.adapter.postgresql;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What stands before a server in some places: it hands on neither a client's start-up options nor
 * what the server reports of itself, as PgBouncer with {@code ignore_startup_parameters}.
 */
final class Pooler implements AutoCloseable {
  private final ServerSocket listening;
  private final int server;
  private final Queue<Long> accepted = new ConcurrentLinkedQueue<>();
  private final Queue<Socket> open = new ConcurrentLinkedQueue<>();

  Pooler(PostgresServer server) throws IOException {
    this.server = server.port();
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  /** The same database by way of this. */
  String url(String url) {
    return url.replace(":" + server + "/", ":" + listening.getLocalPort() + "/");
  }

  /** When clients came, by {@link System#nanoTime}. */
  List<Long> accepted() {
    return List.copyOf(accepted);
  }

  private void accept() {
    while (true) {
      try {
        Socket client = listening.accept();
        accepted.add(System.nanoTime());
        Socket to = new Socket(InetAddress.getLoopbackAddress(), server);
        open.add(client);
        open.add(to);
        Thread.ofVirtual().start(() -> hand(client, to, Pooler::toServer));
        Thread.ofVirtual().start(() -> hand(to, client, Pooler::toClient));
      } catch (IOException _) {
        return;
      }
    }
  }

  private interface Handing {
    void hand(DataInputStream from, DataOutputStream to) throws IOException;
  }

  private static void hand(Socket from, Socket to, Handing handing) {
    try (from;
        to) {
      handing.hand(
          new DataInputStream(from.getInputStream()), new DataOutputStream(to.getOutputStream()));
    } catch (IOException _) {
      // One of the two has gone: so does the other.
    }
  }

  private static void toServer(DataInputStream from, DataOutputStream to) throws IOException {
    byte[] body = new byte[from.readInt() - 4];
    from.readFully(body);
    byte[] kept = withoutOptions(body);
    to.writeInt(kept.length + 4);
    to.write(kept);
    to.flush();
    from.transferTo(to);
  }

  /** Protocol, then names and values, each ended by a NUL, and a NUL. */
  private static byte[] withoutOptions(byte[] startup) {
    String[] words =
        new String(startup, 4, startup.length - 4, StandardCharsets.UTF_8).split("\0", -1);
    List<String> kept = new ArrayList<>();
    for (int i = 0; !words[i].isEmpty(); i += 2) {
      if (!words[i].equals("options")) {
        kept.add(words[i] + "\0" + words[i + 1] + "\0");
      }
    }
    byte[] names = (String.join("", kept) + "\0").getBytes(StandardCharsets.UTF_8);
    byte[] all = new byte[4 + names.length];
    System.arraycopy(startup, 0, all, 0, 4);
    System.arraycopy(names, 0, all, 4, names.length);
    return all;
  }

  private static void toClient(DataInputStream from, DataOutputStream to) throws IOException {
    while (true) {
      int type = from.readUnsignedByte();
      byte[] body = new byte[from.readInt() - 4];
      from.readFully(body);
      if (type == 'S' && hides(new String(body, StandardCharsets.UTF_8))) {
        continue;
      }
      to.writeByte(type);
      to.writeInt(body.length + 4);
      to.write(body);
      to.flush();
    }
  }

  private static boolean hides(String status) {
    return status.startsWith("in_hot_standby\0")
        || status.startsWith("default_transaction_read_only\0");
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
