package dev.signet.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.spiffe.SpiffeId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.security.KeyManagementException;
import java.util.List;
import java.util.concurrent.Callable;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a context gives to code that knows nothing of SPIFFE. */
class SpiffeSslContextTest {

  private static final TestCa SHOP = new TestCa("shop.example", TestWorkload.NOW);
  private static final SpiffeId CART = SpiffeId.of(SHOP.domain, "ns", "shop", "sa", "cart");

  private final TestWorkload cart;
  private final SpiffeTls tls;
  private final SSLContext context;

  SpiffeSslContextTest(@TempDir Path folder) {
    cart = TestWorkload.waiting(folder.resolve("cart.sock"));
    tls = SpiffeTls.of(cart.source, Authorizer.id(CART));
    context = tls.sslContext();
  }

  @BeforeEach
  void identify() throws InterruptedException {
    cart.identify(SHOP.message(CART.path()));
  }

  @AfterEach
  void close() {
    cart.close();
  }

  @Test
  void engine_demandsAClientCertificate_asAServer() {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(false);

    assertThat(engine.getNeedClientAuth()).isTrue();
  }

  @Test
  void parameters_areOfTls13And12_withForwardSecrecyAndAead() {
    for (SSLParameters parameters :
        new SSLParameters[] {
          context.getDefaultSSLParameters(),
          context.getSupportedSSLParameters(),
          tls.serverParameters(),
          context.createSSLEngine().getSSLParameters()
        }) {
      assertThat(parameters.getProtocols()).containsExactly("TLSv1.3", "TLSv1.2");
      assertThat(parameters.getCipherSuites())
          .isNotEmpty()
          .contains("TLS_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")
          .noneMatch(suite -> suite.contains("CBC") || suite.startsWith("TLS_RSA"));
    }
    assertThat(tls.serverParameters().getNeedClientAuth()).isTrue();
  }

  @Test
  void parameters_areACopyEachTime() {
    tls.serverParameters().setNeedClientAuth(false);

    assertThat(tls.serverParameters().getNeedClientAuth()).isTrue();
  }

  @Test
  void context_cannotBeInitialisedAgain() {
    assertThatThrownBy(() -> context.init(null, null, null))
        .isInstanceOf(KeyManagementException.class)
        .hasMessageContaining("SpiffeTls.of");
  }

  @Test
  void sessionContexts_stayEmpty() throws Exception {
    try (EchoServer server = EchoServer.start(context)) {
      EchoServer.call(context, server.port());
      assertThat(server.nextSession()).isNotNull();
    }

    assertThat(context.getClientSessionContext().getIds().hasMoreElements()).isFalse();
    assertThat(context.getServerSessionContext().getIds().hasMoreElements()).isFalse();
  }

  @Test
  void everyWayToMakeAClientSocket_works() throws Exception {
    SSLSocketFactory factory = context.getSocketFactory();
    InetAddress here = InetAddress.getLoopbackAddress();
    try (EchoServer server = EchoServer.start(context)) {
      int port = server.port();
      List<Callable<Socket>> ways =
          List.of(
              () -> connected(factory.createSocket(), here, port),
              () -> factory.createSocket(here, port),
              () -> factory.createSocket("localhost", port),
              () -> factory.createSocket(here, port, here, 0),
              () -> factory.createSocket("localhost", port, here, 0),
              () -> factory.createSocket(new Socket(here, port), "cart", port, true));
      for (Callable<Socket> way : ways) {
        try (SSLSocket socket = (SSLSocket) way.call()) {
          assertThat(PeerIdentity.of(EchoServer.call(socket)).id()).isEqualTo(CART);
        }
        assertThat(PeerIdentity.of(server.nextSession()).id()).isEqualTo(CART);
      }
    }
    assertThat(factory.getDefaultCipherSuites()).isEqualTo(factory.getSupportedCipherSuites());
  }

  private static Socket connected(Socket socket, InetAddress host, int port) throws IOException {
    socket.connect(new InetSocketAddress(host, port));
    return socket;
  }

  @Test
  void serverSocket_keepsWhatIsSetOnIt_andDemandsAClientCertificateFromTheStart()
      throws IOException {
    try (SSLServerSocket socket =
        (SSLServerSocket) context.getServerSocketFactory().createServerSocket()) {
      assertThat(socket.getNeedClientAuth()).isTrue();
      assertThat(socket.getWantClientAuth()).isFalse();
      assertThat(socket.getUseClientMode()).isFalse();
      assertThat(socket.getEnableSessionCreation()).isTrue();
      assertThat(socket.getSupportedProtocols()).containsExactly("TLSv1.3", "TLSv1.2");
      assertThat(socket.getEnabledCipherSuites()).isEqualTo(socket.getSupportedCipherSuites());

      socket.setEnabledProtocols(new String[] {"TLSv1.3"});
      socket.setEnabledCipherSuites(new String[] {"TLS_AES_256_GCM_SHA384"});
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"h2"});
      socket.setSSLParameters(parameters);
      parameters.setNeedClientAuth(false);

      assertThat(socket.getEnabledProtocols()).containsExactly("TLSv1.3");
      assertThat(socket.getEnabledCipherSuites()).containsExactly("TLS_AES_256_GCM_SHA384");
      assertThat(socket.getSSLParameters().getApplicationProtocols()).containsExactly("h2");
      assertThat(socket.getNeedClientAuth()).isTrue();

      socket.setWantClientAuth(true);
      assertThat(socket.getNeedClientAuth()).isFalse();
      assertThat(socket.getWantClientAuth()).isTrue();
    }
  }

  @Test
  void closedServerSocket_acceptsNoMore() throws IOException {
    SSLServerSocket socket =
        (SSLServerSocket) context.getServerSocketFactory().createServerSocket(0);
    socket.close();

    assertThatThrownBy(socket::accept).isInstanceOf(SocketException.class);
  }
}
