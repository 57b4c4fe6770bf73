package dev.signet.javaprobe;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsServer;
import dev.signet.spiffe.SpiffeId;
import dev.signet.workload.Authorizer;
import dev.signet.workload.PeerIdentity;
import dev.signet.workload.SpiffeTls;
import dev.signet.workload.X509Source;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/** With Signet's SDK, as docs/sdk.md says. */
final class SdkProgram {
  private static final Duration FIRST_SVID = Duration.ofSeconds(30);

  private SdkProgram() {}

  /** Answers whom it lets in with the caller's ID. */
  static void serve(int port, String allowed) throws IOException {
    X509Source source = X509Source.open(FIRST_SVID);
    SpiffeId caller = SpiffeId.parse(allowed);
    SpiffeTls tls =
        SpiffeTls.of(source, Authorizer.matching(allowed, peer -> permit(caller, peer.id())));
    HttpsServer server = HttpsServer.create(new InetSocketAddress(port), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls.sslContext()));
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            SpiffeId peer = PeerIdentity.of(((HttpsExchange) exchange).getSSLSession()).id();
            byte[] answer = peer.toString().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
          }
        });
    server.start();
    Say.event("serving", "id", source.context().svid().id().toString());
  }

  /** Says whom it refuses: a caller may lose the alert to the connection's reset. */
  private static boolean permit(SpiffeId allowed, SpiffeId peer) {
    boolean permitted = peer.equals(allowed);
    if (!permitted) {
      Say.event("refused", "peer", peer.toString());
    }
    return permitted;
  }

  static SSLContext client(String expected) {
    X509Source source = X509Source.open(FIRST_SVID);
    return SpiffeTls.of(source, Authorizer.id(SpiffeId.parse(expected))).sslContext();
  }
}
