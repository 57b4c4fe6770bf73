package dev.signet.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.signet.spiffe.SpiffeId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The JDK's own HTTP, both ends: engines, and a client that sets endpoint identification to HTTPS
 * although no SVID has a host name.
 */
class HttpTest {

  private static final TestCa SHOP = new TestCa("shop.example", TestWorkload.NOW);
  private static final SpiffeId CART = SpiffeId.of(SHOP.domain, "ns", "shop", "sa", "cart");
  private static final SpiffeId PAYMENTS = SpiffeId.of(SHOP.domain, "ns", "shop", "sa", "payments");

  private final TestWorkload cart;
  private final TestWorkload payments;

  HttpTest(@TempDir Path folder) {
    cart = TestWorkload.waiting(folder.resolve("cart.sock"));
    payments = TestWorkload.waiting(folder.resolve("payments.sock"));
  }

  @BeforeEach
  void identify() throws InterruptedException {
    cart.identify(SHOP.message(CART.path()));
    payments.identify(SHOP.message(PAYMENTS.path()));
  }

  @AfterEach
  void close() {
    cart.close();
    payments.close();
  }

  /** Answers with the caller's identity. */
  private static HttpsServer serve(HttpsConfigurator configurator) throws IOException {
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(configurator);
    server.createContext("/whoami", HttpTest::answer);
    server.start();
    return server;
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String caller = PeerIdentity.of(((HttpsExchange) exchange).getSSLSession()).id().toString();
      byte[] body = caller.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private static HttpResponse<String> call(HttpsServer server, SSLContext context)
      throws IOException, InterruptedException {
    HttpClient client = HttpClient.newBuilder().sslContext(context).build();
    URI uri = URI.create("https://localhost:" + server.getAddress().getPort() + "/whoami");
    return client.send(
        HttpRequest.newBuilder(uri).timeout(Eventually.LIMIT).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void clientAndServerOfTheJdk_knowEachOther_withDefaultSettings() throws Exception {
    SpiffeTls tls = SpiffeTls.of(payments.source, Authorizer.id(CART));
    HttpsServer server = serve(new HttpsConfigurator(tls.sslContext()));
    try {
      HttpResponse<String> response =
          call(server, SpiffeTls.of(cart.source, Authorizer.id(PAYMENTS)).sslContext());

      assertThat(response.body()).isEqualTo(CART.toString());
      assertThat(PeerIdentity.of(response.sslSession().orElseThrow()).id()).isEqualTo(PAYMENTS);
      assertThat(response.sslSession().orElseThrow().getProtocol()).isEqualTo("TLSv1.3");
    } finally {
      server.stop(0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void serverParameters_demandAClientCertificate_inAConfiguratorOfOnesOwn(String protocol)
      throws Exception {
    SpiffeTls tls = SpiffeTls.of(payments.source, Authorizer.id(CART));
    HttpsServer server =
        serve(
            new HttpsConfigurator(tls.sslContext()) {
              @Override
              public void configure(HttpsParameters parameters) {
                SSLParameters chosen = tls.serverParameters();
                chosen.setProtocols(new String[] {protocol});
                parameters.setSSLParameters(chosen);
              }
            });
    try {
      HttpResponse<String> response =
          call(server, SpiffeTls.of(cart.source, Authorizer.id(PAYMENTS)).sslContext());
      assertThat(response.body()).isEqualTo(CART.toString());
      assertThat(response.sslSession().orElseThrow().getProtocol()).isEqualTo(protocol);

      assertThatThrownBy(() -> call(server, PlainTls.anonymous().context))
          .isInstanceOf(IOException.class);
    } finally {
      server.stop(0);
    }
  }

  @Test
  void wrongServer_isRefusedByTheClient_withItsIdentity() throws Exception {
    HttpsServer server =
        serve(
            new HttpsConfigurator(SpiffeTls.of(payments.source, Authorizer.id(CART)).sslContext()));
    try {
      assertThatThrownBy(
              () -> call(server, SpiffeTls.of(cart.source, Authorizer.id(CART)).sslContext()))
          .isInstanceOf(SSLException.class)
          .rootCause()
          .isInstanceOfSatisfying(
              PeerRefusedException.class, e -> assertThat(e.peer()).contains(PAYMENTS));
    } finally {
      server.stop(0);
    }
  }

  @Test
  void unwelcomeClients_areRefused_andTheServerGoesOn() throws Exception {
    HttpsServer server =
        serve(
            new HttpsConfigurator(SpiffeTls.of(payments.source, Authorizer.id(CART)).sslContext()));
    try {
      SSLContext intruder = SpiffeTls.of(payments.source, Authorizer.id(PAYMENTS)).sslContext();
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> call(server, intruder)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> call(server, PlainTls.anonymous().context))
            .isInstanceOf(IOException.class);
      }

      assertThat(
              call(server, SpiffeTls.of(cart.source, Authorizer.id(PAYMENTS)).sslContext()).body())
          .isEqualTo(CART.toString());
    } finally {
      server.stop(0);
    }
  }

  @Test
  void rotation_isPresentedOnTheNextConnection() throws Exception {
    HttpsServer server =
        serve(
            new HttpsConfigurator(SpiffeTls.of(payments.source, Authorizer.id(CART)).sslContext()));
    SSLContext context = SpiffeTls.of(cart.source, Authorizer.id(PAYMENTS)).sslContext();
    try {
      for (int i = 0; i < 3; i++) {
        payments.update(SHOP.message(PAYMENTS.path()));
        cart.update(SHOP.message(CART.path()));

        HttpResponse<String> response = call(server, context);

        assertThat(PeerIdentity.of(response.sslSession().orElseThrow()).leaf())
            .isEqualTo(payments.source.context().svid().leaf());
      }
    } finally {
      server.stop(0);
    }
  }
}
