package dev.signet.clustertest.workload;

import dev.signet.spiffe.SpiffeId;
import dev.signet.workload.Authorizer;
import dev.signet.workload.PeerIdentity;
import dev.signet.workload.SpiffeTls;
import dev.signet.workload.X509Source;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/**
 * {@code JavaService PORT ID...}: an HTTP server that the named callers alone reach, and that tells
 * each who it is.
 */
public final class JavaService {
  private static final Duration FIRST_SVID = Duration.ofSeconds(60);
  private static final int IDLE_MILLIS = 10_000;

  private JavaService() {}

  /** Serves until the process is ended. */
  public static void main(String[] args) throws IOException {
    SpiffeId[] callers =
        Arrays.stream(args).skip(1).map(SpiffeId::parse).toArray(SpiffeId[]::new);
    Authorizer allowed =
        Authorizer.anyOf(callers[0], Arrays.copyOfRange(callers, 1, callers.length));
    try (X509Source source = X509Source.open(FIRST_SVID)) {
      SSLContext tls = SpiffeTls.of(source, allowed).sslContext();
      try (SSLServerSocket listener =
          (SSLServerSocket)
              tls.getServerSocketFactory().createServerSocket(Integer.parseInt(args[0]))) {
        System.out.printf(
            Locale.ROOT,
            "{\"event\":\"serving\",\"id\":\"%s\"}%n",
            source.context().svid().id());
        while (true) {
          SSLSocket caller = (SSLSocket) listener.accept();
          Thread.ofVirtual().start(() -> serve(caller));
        }
      }
    }
  }

  private static void serve(SSLSocket socket) {
    try (socket) {
      socket.setSoTimeout(IDLE_MILLIS);
      socket.startHandshake();
      String caller = PeerIdentity.of(socket.getSession()).id().toString();
      BufferedReader request =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      String line = request.readLine();
      while (line != null && !line.isEmpty()) {
        line = request.readLine();
      }
      socket
          .getOutputStream()
          .write(
              String.format(
                      Locale.ROOT,
                      "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
                      caller.length(),
                      caller)
                  .getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      System.out.printf(Locale.ROOT, "{\"event\":\"refused\"}%n");
    }
  }
}
