package dev.signet.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.signet.proto.spiffe.X509SVIDResponse;
import dev.signet.spiffe.InvalidX509SvidException;
import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real handshakes over sockets: who gets in, who does not, and what both ends then know. */
class MutualTlsTest {

  private static final TestCa SHOP = new TestCa("shop.example", TestWorkload.NOW);
  private static final TestCa PARTNER = new TestCa("partner.example", TestWorkload.NOW);
  private static final SpiffeId CART = SpiffeId.of(SHOP.domain, "ns", "shop", "sa", "cart");
  private static final SpiffeId PAYMENTS = SpiffeId.of(SHOP.domain, "ns", "shop", "sa", "payments");

  private TestWorkload cart;
  private TestWorkload payments;

  MutualTlsTest(@TempDir Path folder) {
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

  private EchoServer paymentsFor(Authorizer clients, String... protocols) throws IOException {
    return EchoServer.start(SpiffeTls.of(payments.source, clients).sslContext(), protocols);
  }

  private SSLSession callAsCart(Authorizer servers, EchoServer server, String... protocols)
      throws IOException {
    return EchoServer.call(
        SpiffeTls.of(cart.source, servers).sslContext(), server.port(), protocols);
  }

  private static Optional<PeerRefusedException> refusal(Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof PeerRefusedException refused) {
        return Optional.of(refused);
      }
    }
    return Optional.empty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void bothEnds_knowWhoThePeerIs(String protocol) throws Exception {
    try (EchoServer server = paymentsFor(Authorizer.id(CART), protocol)) {
      SSLSession client = callAsCart(Authorizer.id(PAYMENTS), server, protocol);

      assertThat(client.getProtocol()).isEqualTo(protocol);
      assertThat(PeerIdentity.of(client).id()).isEqualTo(PAYMENTS);
      assertThat(PeerIdentity.of(client).leaf()).isEqualTo(payments.source.context().svid().leaf());
      assertThat(PeerIdentity.of(server.nextSession()).id()).isEqualTo(CART);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void serverThatIsNotTheOneMeant_isRefusedByTheClient(String protocol) throws Exception {
    try (EchoServer server = paymentsFor(Authorizer.id(CART), protocol)) {
      assertThatThrownBy(() -> callAsCart(Authorizer.id(CART), server, protocol))
          .isInstanceOf(SSLHandshakeException.class)
          .satisfies(e -> {
            PeerRefusedException refused = refusal(e).orElseThrow();
            assertThat(refused.peer()).contains(PAYMENTS);
            assertThat(refused)
                .hasMessageContaining(PAYMENTS.toString())
                .hasMessageContaining("for " + CART + " only");
          });
      assertThat(server.nextFailure()).isInstanceOf(IOException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void clientThatIsNotWelcome_isRefusedByTheServer(String protocol) throws Exception {
    try (EchoServer server = paymentsFor(Authorizer.id(PAYMENTS), protocol)) {
      assertThatThrownBy(() -> callAsCart(Authorizer.id(PAYMENTS), server, protocol))
          .isInstanceOf(IOException.class);

      assertThat(refusal(server.nextFailure()).orElseThrow().peer()).contains(CART);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void clientWithoutACertificate_isRefused(String protocol) throws Exception {
    try (EchoServer server = paymentsFor(Authorizer.memberOf(SHOP.domain), protocol)) {
      assertThatThrownBy(
              () -> EchoServer.call(PlainTls.anonymous().context, server.port(), protocol))
          .isInstanceOf(IOException.class);

      assertThat(server.nextFailure()).isInstanceOf(SSLHandshakeException.class);
    }
  }

  @Test
  void plaintext_isRefused_andTheServerGoesOn() throws Exception {
    try (EchoServer server = paymentsFor(Authorizer.id(CART))) {
      try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
        plain.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        assertThat(server.nextFailure()).isInstanceOf(IOException.class);
      }

      callAsCart(Authorizer.id(PAYMENTS), server);
      assertThat(PeerIdentity.of(server.nextSession()).id()).isEqualTo(CART);
    }
  }

  @Test
  void w28PeerOfATrustDomainWithoutABundle_isRefused_andAcceptedOnceFederated() throws Exception {
    String refund = "/ns/partner/sa/refund";
    PlainTls partner = PlainTls.as(PARTNER.svid(refund));
    try (EchoServer server = paymentsFor(Authorizer.memberOf(PARTNER.domain))) {
      assertThatThrownBy(() -> EchoServer.call(partner.context, server.port()))
          .isInstanceOf(IOException.class);
      PeerRefusedException refused = refusal(server.nextFailure()).orElseThrow();
      assertThat(refused.peer()).isEmpty();
      assertThat(refused.getCause())
          .isInstanceOfSatisfying(
              InvalidX509SvidException.class, e -> assertThat(e.rule()).isEqualTo("W-28"));

      payments.update(federated(PARTNER.bundle));

      assertThat(EchoServer.call(partner.context, server.port())).isNotNull();
      assertThat(PeerIdentity.of(server.nextSession()).id().path()).isEqualTo(refund);
    }
  }

  @Test
  void peerSignedByAnotherRootOfTheSameName_isRefused() throws Exception {
    TestCa impostor = new TestCa("shop.example", TestWorkload.NOW);
    PlainTls forged = PlainTls.as(impostor.svid(CART.path()));
    try (EchoServer server = paymentsFor(Authorizer.id(CART))) {
      assertThatThrownBy(() -> EchoServer.call(forged.context, server.port()))
          .isInstanceOf(IOException.class);

      assertThat(refusal(server.nextFailure()).orElseThrow().getCause())
          .isInstanceOf(InvalidX509SvidException.class);
    }
  }

  @Test
  void peerWhoseSvidHasEnded_isRefused() throws Exception {
    PlainTls old = PlainTls.as(SHOP.svid(CART.path()));
    TestCa later = new TestCa("shop.example", TestWorkload.NOW.plus(Duration.ofHours(2)));
    try (EchoServer server = paymentsFor(Authorizer.id(CART))) {
      payments.clock.advance(Duration.ofHours(2));
      payments.update(bothRoots(later));

      assertThatThrownBy(() -> EchoServer.call(old.context, server.port()))
          .isInstanceOf(IOException.class);

      assertThat(refusal(server.nextFailure()).orElseThrow().getCause())
          .isInstanceOf(InvalidX509SvidException.class);
    }
  }

  @Test
  void ownSvidThatHasEnded_isNotPresented_andTheReasonIsSaid() throws Exception {
    try (EchoServer server = paymentsFor(Authorizer.id(CART))) {
      cart.clock.advance(Duration.ofHours(2));

      assertThatThrownBy(() -> callAsCart(Authorizer.id(PAYMENTS), server))
          .isInstanceOf(SSLHandshakeException.class)
          .satisfies(e ->
              assertThat(refusal(e).orElseThrow().getCause())
                  .isInstanceOf(SvidUnavailableException.class)
                  .hasMessageContaining("EXPIRED"));
      assertThat(server.nextFailure()).isInstanceOf(IOException.class);

      payments.clock.advance(Duration.ofHours(2));
      assertThatThrownBy(() -> EchoServer.call(PlainTls.as(SHOP.svid("/x")).context, server.port()))
          .isInstanceOf(IOException.class);
      assertThat(server.nextFailure()).isInstanceOf(SSLHandshakeException.class);
    }
  }

  @Test
  void contextMadeBeforeTheFirstSvid_worksOnceItIsThere(@TempDir Path folder) throws Exception {
    try (TestWorkload late = TestWorkload.waiting(folder.resolve("late.sock"));
        EchoServer server = paymentsFor(Authorizer.id(CART))) {
      SpiffeTls tls = SpiffeTls.of(late.source, Authorizer.id(PAYMENTS));
      assertThatThrownBy(() -> EchoServer.call(tls.sslContext(), server.port()))
          .isInstanceOf(IOException.class)
          .satisfies(
              e -> assertThat(refusal(e).orElseThrow().getCause()).hasMessageContaining("WAITING"));
      assertThat(server.nextFailure()).isInstanceOf(IOException.class);

      late.identify(SHOP.message(CART.path()));

      EchoServer.call(tls.sslContext(), server.port());
      assertThat(PeerIdentity.of(server.nextSession()).id()).isEqualTo(CART);
    }
  }

  @Test
  void endpointIdentificationOfHostNames_isNotLookedAt() throws Exception {
    try (EchoServer server = paymentsFor(Authorizer.id(CART));
        SSLSocket socket =
            (SSLSocket)
                SpiffeTls.of(cart.source, Authorizer.id(PAYMENTS))
                    .sslContext()
                    .getSocketFactory()
                    .createSocket("localhost", server.port())) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(parameters);

      assertThat(PeerIdentity.of(EchoServer.call(socket)).id()).isEqualTo(PAYMENTS);
    }
  }

  @Test
  void sessionOfAnotherContext_hasNoIdentity() throws Exception {
    PlainTls plain = PlainTls.as(SHOP.svid(CART.path()));
    try (EchoServer server = paymentsFor(Authorizer.id(CART))) {
      SSLSession session = EchoServer.call(plain.context, server.port());

      assertThatThrownBy(() -> PeerIdentity.of(session))
          .isInstanceOf(SSLPeerUnverifiedException.class)
          .hasMessageContaining("SpiffeTls");
    }
  }

  @Test
  void authorizerThatFails_letsNobodyIn() throws Exception {
    Authorizer broken =
        Authorizer.matching(
            "nobody, for it fails",
            peer -> {
              throw new IllegalStateException("a fault of the application");
            });
    try (EchoServer server = paymentsFor(Authorizer.id(CART))) {
      assertThatThrownBy(() -> callAsCart(broken, server))
          .isInstanceOf(SSLHandshakeException.class)
          .satisfies(e ->
              assertThat(refusal(e).orElseThrow())
                  .hasMessageContaining("nobody, for it fails")
                  .hasRootCauseMessage("a fault of the application"));
      assertThat(server.nextFailure()).isInstanceOf(IOException.class);
    }
  }

  private static X509SVIDResponse federated(X509Bundle bundle) {
    return SHOP.message(PAYMENTS.path()).toBuilder()
        .putFederatedBundles(
            bundle.trustDomain().id().toString(), ByteString.copyFrom(bundle.encoded()))
        .build();
  }

  private static X509SVIDResponse bothRoots(TestCa later) {
    List<X509Certificate> roots = new ArrayList<>();
    roots.addAll(SHOP.bundle.authorities());
    roots.addAll(later.bundle.authorities());
    return X509SVIDResponse.newBuilder()
        .addSvids(TestCa.wire(later.svid(PAYMENTS.path()), X509Bundle.of(SHOP.domain, roots)))
        .build();
  }
}
