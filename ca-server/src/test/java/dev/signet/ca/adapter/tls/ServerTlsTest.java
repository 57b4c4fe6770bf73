package dev.signet.ca.adapter.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.TestAuthority;
import dev.signet.ca.adapter.grpc.EndpointFixture;
import dev.signet.ca.bundle.Bundles;
import dev.signet.ca.issuance.World;
import dev.signet.spiffe.PresentedX509Chain;
import dev.signet.spiffe.X509BundleSet;
import dev.signet.spiffe.X509SvidVerifier;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Speaks to the endpoint with the JDK's own TLS, below gRPC. */
@Timeout(60)
class ServerTlsTest {
  /** HTTP/2 preface and an empty SETTINGS frame: enough for the server to answer. */
  private static final byte[] HTTP2_PREFACE =
      concat("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII), new byte[9]);

  private final EndpointFixture ca = new EndpointFixture();

  static {
    HTTP2_PREFACE[HTTP2_PREFACE.length - 6] = 4;
  }

  @AfterEach
  void close() {
    ca.close();
  }

  @Test
  void server_showsItsOwnSvid() throws Exception {
    try (SSLSocket socket = connect(client(Optional.empty()), "TLSv1.3")) {
      List<X509Certificate> chain =
          Arrays.stream(socket.getSession().getPeerCertificates())
              .map(X509Certificate.class::cast)
              .toList();

      assertThat(
              X509SvidVerifier.verify(
                      PresentedX509Chain.of(chain),
                      X509BundleSet.of(ca.bundles.get().x509()),
                      World.NOW)
                  .id())
          .hasToString("spiffe://shop.example/signet/ca");
      assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
      assertThat(socket.getApplicationProtocol()).isEqualTo("h2");
    }
  }

  @Test
  void tls12_refused() {
    assertThatThrownBy(() -> connect(client(Optional.empty()), "TLSv1.2"))
        .isInstanceOf(IOException.class);
  }

  /** THREATS T20: a client that would gladly resume finds a whole handshake each time. */
  @Test
  void nothingIsResumed() throws Exception {
    AnyServer seen = new AnyServer();
    SSLContext client = client(Optional.of(ca.liveAgent(World.NODE)), seen);
    for (int i = 0; i < 3; i++) {
      exchange(connect(client, "TLSv1.3"));
    }

    assertThat(seen.verifications).as("a resumed handshake shows no certificate").hasValue(3);
  }

  @Test
  void client_maySayWhoItIs_butNotFalsely() throws Exception {
    TestAuthority foreign = new TestAuthority("foreign");
    TestAuthority.Leaf expired =
        ca.authority.leaf(
            "spiffe://shop.example/signet/agent/demo/node-1",
            World.NOW.minus(Duration.ofHours(2)),
            World.NOW.minusSeconds(1));
    TestAuthority.Leaf otherDomain =
        ca.authority.leaf(
            "spiffe://other.example/signet/agent/demo/node-1",
            World.NOW.minusSeconds(60),
            World.NOW.plusSeconds(60));

    for (TestAuthority.Leaf bad : List.of(foreign.agent(World.NODE), expired, otherDomain)) {
      assertThatThrownBy(() -> exchange(connect(client(Optional.of(bad)), "TLSv1.3")))
          .isInstanceOf(IOException.class);
    }
    assertThat(exchange(connect(client(Optional.of(ca.liveAgent(World.NODE))), "TLSv1.3")))
        .isPositive();
    assertThat(exchange(connect(client(Optional.empty()), "TLSv1.3"))).isPositive();
  }

  @Test
  void rootAdded_itsLeavesAreTakenAtOnce() throws Exception {
    TestAuthority second = new TestAuthority("root-b");
    assertThatThrownBy(
            () -> exchange(connect(client(Optional.of(second.agent(World.NODE))), "TLSv1.3")))
        .isInstanceOf(IOException.class);

    ca.bundles.publish(Bundles.of(2, ca.authority, second));

    assertThat(exchange(connect(client(Optional.of(second.agent(World.NODE))), "TLSv1.3")))
        .isPositive();
  }

  /** The listener stays; only what it shows changes. */
  @Test
  void servingSvid_isReplacedAtHalfOfItsLife() throws Exception {
    X509Certificate first = shown();
    ca.clock.advance(Duration.ofMinutes(29));
    assertThat(shown()).isEqualTo(first);

    ca.clock.advance(Duration.ofMinutes(2));

    X509Certificate second = awaitOtherThan(first);
    assertThat(second.getNotAfter().toInstant()).isAfter(first.getNotAfter().toInstant());
    assertThat(second.getPublicKey()).isNotEqualTo(first.getPublicKey());
  }

  @Test
  void servingSvidCannotBeReplaced_thePresentOneStays_andItIsTriedAgain() throws Exception {
    X509Certificate first = shown();
    var sound = ca.csrs;
    CountDownLatch tried = new CountDownLatch(1);
    ca.csrs =
        _ -> {
          tried.countDown();
          throw new IllegalStateException("defect");
        };
    int timers = ca.clock.waiting();
    ca.clock.advance(Duration.ofMinutes(30));
    assertThat(tried.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(shown()).isEqualTo(first);
    while (ca.clock.waiting() < timers) {
      Thread.onSpinWait();
    }

    ca.csrs = sound;
    ca.clock.advance(Duration.ofSeconds(10));

    assertThat(awaitOtherThan(first)).isNotEqualTo(first);
  }

  private X509Certificate awaitOtherThan(X509Certificate old) throws Exception {
    for (int i = 0; i < 1_000; i++) {
      X509Certificate now = shown();
      if (!now.equals(old)) {
        return now;
      }
    }
    throw new AssertionError("still the old one");
  }

  private X509Certificate shown() throws Exception {
    try (SSLSocket socket = connect(client(Optional.empty()), "TLSv1.3")) {
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  private SSLSocket connect(SSLContext client, String protocol) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            client
                .getSocketFactory()
                .createSocket(ca.endpoint.address().getAddress(), ca.endpoint.address().getPort());
    socket.setSoTimeout(10_000);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setProtocols(new String[] {protocol});
    parameters.setApplicationProtocols(new String[] {"h2"});
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  /** Sends something and reads the answer: what comes after the handshake is read with it. */
  private static int exchange(SSLSocket socket) throws IOException {
    try (socket) {
      OutputStream out = socket.getOutputStream();
      out.write(HTTP2_PREFACE);
      out.flush();
      InputStream in = socket.getInputStream();
      int first = in.read();
      if (first < 0) {
        throw new IOException("closed");
      }
      return 1 + in.readNBytes(8).length;
    }
  }

  private static SSLContext client(Optional<TestAuthority.Leaf> leaf) throws Exception {
    return client(leaf, new AnyServer());
  }

  private static SSLContext client(Optional<TestAuthority.Leaf> leaf, AnyServer trust)
      throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        leaf.isPresent() ? keys(leaf.get()) : new KeyManager[0], new TrustManager[] {trust}, null);
    return context;
  }

  private static KeyManager[] keys(TestAuthority.Leaf leaf) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("k", leaf.key(), new char[0], new X509Certificate[] {leaf.certificate()});
    KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
    factory.init(store, new char[0]);
    return factory.getKeyManagers();
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static final class AnyServer implements X509TrustManager {
    final AtomicInteger verifications = new AtomicInteger();

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
      verifications.incrementAndGet();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
