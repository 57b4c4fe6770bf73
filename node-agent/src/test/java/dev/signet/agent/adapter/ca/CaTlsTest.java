package dev.signet.agent.adapter.ca;

import static dev.signet.agent.testing.Fixtures.AGENT;
import static dev.signet.agent.testing.Fixtures.CA;
import static dev.signet.agent.testing.Fixtures.CART;
import static dev.signet.agent.testing.Fixtures.NOW;
import static dev.signet.agent.testing.Fixtures.SHOP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.agent.bundle.BundleHolder;
import dev.signet.agent.testing.SettableClock;
import dev.signet.agent.testing.TestAuthority;
import dev.signet.agent.upstream.CaTrust;
import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Bundle;
import dev.signet.spiffe.X509Svid;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;

/** Whom the agent takes for its CA, handshake by handshake. */
class CaTlsTest {
  private final SettableClock clock = new SettableClock(NOW);
  private final TestAuthority authority = new TestAuthority(SHOP, NOW);
  private final BundleHolder session = new BundleHolder(SHOP);
  private final AtomicInteger verified = new AtomicInteger();

  private CaTrustManager trusting(X509Bundle mounted) {
    return new CaTrustManager(
        CA,
        new CaTrust(
            SHOP,
            session,
            () -> {
              verified.incrementAndGet();
              return mounted;
            }),
        clock);
  }

  @Test
  void reconnect_verifiesTheServerAgain_thoughTheServerOffersResumption() throws Exception {
    SslContext server = server();
    CaTrustManager trust = trusting(authority.bundle());

    SslContext ours = CaTls.context(trust, null);
    handshake(ours, server);
    handshake(ours, server);
    assertThat(verified).hasValue(2);

    // That this test can tell: a context of the usual kind resumes and verifies once.
    verified.set(0);
    SslContext usual =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.JDK)
            .protocols("TLSv1.3")
            .trustManager(trust)
            .build();
    handshake(usual, server);
    handshake(usual, server);
    assertThat(verified).hasValue(1);
  }

  private SslContext server() throws SSLException {
    X509Svid svid = authority.svid(CA);
    return SslContextBuilder.forServer(
            svid.privateKey(), svid.chain().toArray(X509Certificate[]::new))
        .sslProvider(SslProvider.JDK)
        .protocols("TLSv1.3")
        .build();
  }

  private static void handshake(SslContext client, SslContext server) throws Exception {
    var allocator = UnpooledByteBufAllocator.DEFAULT;
    SslHandler clientTls = client.newHandler(allocator, "ca", 8443);
    var left = new EmbeddedChannel(clientTls);
    var right = new EmbeddedChannel(server.newHandler(allocator));
    boolean moved = true;
    while (moved) {
      boolean there = pass(left, right);
      moved = pass(right, left) || there;
    }
    assertThat(clientTls.handshakeFuture().isSuccess()).isTrue();
    left.close().sync();
    right.close().sync();
  }

  private static boolean pass(EmbeddedChannel from, EmbeddedChannel to) {
    boolean moved = false;
    for (ByteBuf bytes = from.readOutbound(); bytes != null; bytes = from.readOutbound()) {
      to.writeInbound(bytes);
      moved = true;
    }
    return moved;
  }

  @Test
  void caOfTheMountedBundle_isTrusted() throws Exception {
    trusting(authority.bundle()).checkServerTrusted(chain(authority, CA), "EC");
  }

  @Test
  void caOfTheSessionsBundle_isTrusted_thoughTheFileIsOlderOrBroken() throws Exception {
    TestAuthority next = new TestAuthority(SHOP, NOW);
    session.offer(1, next.bundle());

    trusting(authority.bundle()).checkServerTrusted(chain(next, CA), "EC");
    trusting(authority.bundle()).checkServerTrusted(chain(authority, CA), "EC");
    new CaTrustManager(CA, new CaTrust(SHOP, session, CaTlsTest::unreadable), clock)
        .checkServerTrusted(chain(next, CA), "EC");
  }

  @Test
  void noBundleAtAll_trustsNobody() {
    var trust = new CaTrustManager(CA, new CaTrust(SHOP, session, CaTlsTest::unreadable), clock);

    assertThatThrownBy(() -> trust.checkServerTrusted(chain(authority, CA), "EC"))
        .isInstanceOf(CertificateException.class)
        .hasMessageContaining("no bundle to verify the CA with");
  }

  private static X509Bundle unreadable() throws IOException {
    throw new IOException("the file is gone");
  }

  @Test
  void otherServers_areNotTrusted() {
    TrustDomain other = TrustDomain.parse("other.example");
    assertNotTrusted(chain(authority, CART));
    assertNotTrusted(chain(authority, AGENT));
    assertNotTrusted(chain(new TestAuthority(SHOP, NOW), CA));
    assertNotTrusted(chain(new TestAuthority(other, NOW), SpiffeId.of(other, "signet", "ca")));
    assertNotTrusted(new X509Certificate[] {authority.root()});
    assertNotTrusted(new X509Certificate[0]);
  }

  @Test
  void endedCertificate_isNotTrusted() {
    X509Certificate[] chain = chain(authority, CA);
    clock.advance(Duration.ofHours(2));

    assertNotTrusted(chain);
  }

  private void assertNotTrusted(X509Certificate[] chain) {
    assertThatThrownBy(() -> trusting(authority.bundle()).checkServerTrusted(chain, "EC"))
        .isInstanceOf(CertificateException.class);
  }

  private static X509Certificate[] chain(TestAuthority by, SpiffeId id) {
    return by.svid(id).chain().toArray(X509Certificate[]::new);
  }
}
