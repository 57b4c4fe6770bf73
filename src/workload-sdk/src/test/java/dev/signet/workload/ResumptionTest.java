package dev.signet.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.X509Svid;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * T20: verification is never skipped because a peer was let in before. SPIRE 1.14.3 fixed such a
 * hole (R4): a ticket of an earlier connection brought a peer past the check of its SVID.
 */
class ResumptionTest {

  private static final TestCa SHOP = new TestCa("shop.example", TestWorkload.NOW);
  private static final SpiffeId CART = SpiffeId.of(SHOP.domain, "ns", "shop", "sa", "cart");
  private static final SpiffeId PAYMENTS = SpiffeId.of(SHOP.domain, "ns", "shop", "sa", "payments");

  private final TestWorkload payments;
  private final AtomicInteger checks = new AtomicInteger();
  private final AtomicBoolean welcome = new AtomicBoolean(true);
  private final Authorizer counting =
      Authorizer.matching(
          "whoever is welcome at the moment",
          peer -> {
            checks.incrementAndGet();
            return welcome.get();
          });

  ResumptionTest(@TempDir Path folder) {
    payments = TestWorkload.waiting(folder.resolve("payments.sock"));
  }

  @BeforeEach
  void identify() throws InterruptedException {
    payments.identify(SHOP.message(PAYMENTS.path()));
  }

  @AfterEach
  void close() {
    payments.close();
  }

  private SSLContext ours() {
    return SpiffeTls.of(payments.source, counting).sslContext();
  }

  private static PlainTls cart() throws Exception {
    return PlainTls.as(SHOP.svid(CART.path()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void control_plainContextsResume_andSkipTheSecondCheck(String protocol) throws Exception {
    PlainTls client = cart();
    PlainTls server = PlainTls.as(SHOP.svid(PAYMENTS.path()));
    try (EchoServer echo = EchoServer.start(server.context, protocol)) {
      EchoServer.call(client.context, echo.port(), protocol);
      EchoServer.call(client.context, echo.port(), protocol);
    }

    assertThat(client.checks).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void clientThatWouldResume_isCheckedOnEachConnection_andRefusedOnceUnwelcome(String protocol)
      throws Exception {
    PlainTls client = cart();
    try (EchoServer echo = EchoServer.start(ours(), protocol)) {
      for (int i = 1; i <= 3; i++) {
        EchoServer.call(client.context, echo.port(), protocol);
        assertThat(PeerIdentity.of(echo.nextSession()).id()).isEqualTo(CART);
        assertThat(checks).hasValue(i);
        assertThat(client.checks).hasValue(i);
      }

      welcome.set(false);
      assertThatThrownBy(() -> EchoServer.call(client.context, echo.port(), protocol))
          .isInstanceOf(IOException.class);
      assertThat(echo.nextFailure()).hasRootCauseInstanceOf(PeerRefusedException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void serverThatWouldResume_isCheckedOnEachConnection_andRefusedOnceUnwelcome(String protocol)
      throws Exception {
    SSLContext client = ours();
    try (EchoServer echo = EchoServer.start(cart().context, protocol)) {
      for (int i = 1; i <= 3; i++) {
        assertThat(PeerIdentity.of(EchoServer.call(client, echo.port(), protocol)).id())
            .isEqualTo(CART);
        assertThat(checks).hasValue(i);
        assertThat(echo.nextSession()).isNotNull();
      }

      welcome.set(false);
      assertThatThrownBy(() -> EchoServer.call(client, echo.port(), protocol))
          .hasRootCauseInstanceOf(PeerRefusedException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void peerWhoseRootHasLeftTheBundle_isRefusedOnItsNextConnection(String protocol)
      throws Exception {
    PlainTls client = cart();
    TestCa next = new TestCa("shop.example", TestWorkload.NOW);
    try (EchoServer echo = EchoServer.start(ours(), protocol)) {
      EchoServer.call(client.context, echo.port(), protocol);
      assertThat(echo.nextSession()).isNotNull();

      payments.update(next.message(PAYMENTS.path()));

      assertThatThrownBy(() -> EchoServer.call(client.context, echo.port(), protocol))
          .isInstanceOf(IOException.class);
      assertThat(echo.nextFailure())
          .isInstanceOf(IOException.class)
          .hasStackTraceContaining("PeerRefusedException");
    }
  }

  @Test
  void server_sendsNoTicket_whereAPlainOneDoes() throws Exception {
    assertThat(bytesAfterTheHandshake(PlainTls.as(SHOP.svid(PAYMENTS.path())).context))
        .isPositive();
    assertThat(bytesAfterTheHandshake(ours())).isZero();
  }

  private static int bytesAfterTheHandshake(SSLContext server) throws Exception {
    SSLEngine accepting = server.createSSLEngine();
    accepting.setUseClientMode(false);
    SSLEngine calling = cart().context.createSSLEngine("payments", 443);
    calling.setUseClientMode(true);
    calling.setEnabledProtocols(new String[] {"TLSv1.3"});
    return Handshake.run(calling, accepting);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void enginesOfOneContext_makeFullHandshakes(String protocol) throws Exception {
    SSLContext server = ours();
    PlainTls client = cart();
    for (int i = 1; i <= 3; i++) {
      SSLEngine accepting = server.createSSLEngine();
      accepting.setUseClientMode(false);
      SSLEngine calling = client.context.createSSLEngine("payments", 443);
      calling.setUseClientMode(true);
      calling.setEnabledProtocols(new String[] {protocol});

      Handshake.run(calling, accepting);

      assertThat(checks).hasValue(i);
      assertThat(client.checks).hasValue(i);
      assertThat(PeerIdentity.of(accepting.getSession()).id()).isEqualTo(CART);
      assertThat(calling.getHandshakeStatus())
          .isEqualTo(SSLEngineResult.HandshakeStatus.NOT_HANDSHAKING);
    }
  }

  @Test
  void twoContextsOfOneSource_shareNothing() throws Exception {
    X509Svid svid = SHOP.svid(CART.path());
    PlainTls client = PlainTls.as(svid);
    try (EchoServer lenient = EchoServer.start(ours())) {
      EchoServer.call(client.context, lenient.port());
    }
    try (EchoServer strict =
        EchoServer.start(SpiffeTls.of(payments.source, Authorizer.id(PAYMENTS)).sslContext())) {
      assertThatThrownBy(() -> EchoServer.call(client.context, strict.port()))
          .isInstanceOf(IOException.class);
    }
  }
}
