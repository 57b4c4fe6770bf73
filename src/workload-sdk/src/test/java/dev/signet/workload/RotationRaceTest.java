package dev.signet.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.proto.spiffe.X509SVIDResponse;
import dev.signet.spiffe.PresentedX509Chain;
import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.VerifiedX509Svid;
import dev.signet.spiffe.X509Svid;
import dev.signet.spiffe.X509SvidVerifier;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * R20: java-spiffe before 0.8.16 could present the leaf of one SVID and sign with the key of the
 * next, when a rotation came between two reads. Here thousands of handshakes run through rotations
 * without a pause, and none may fail.
 */
class RotationRaceTest {

  private static final TestCa SHOP = new TestCa("shop.example", TestWorkload.NOW);
  private static final SpiffeId CART = SpiffeId.of(SHOP.domain, "ns", "shop", "sa", "cart");
  private static final int DISTINCT_SVIDS = 16;
  private static final int ROTATIONS = 40;

  private final TestWorkload cart;
  private final AtomicBoolean rotating = new AtomicBoolean(true);
  private final ExecutorService threads = Executors.newCachedThreadPool();

  RotationRaceTest(@TempDir Path folder) {
    cart = TestWorkload.waiting(folder.resolve("cart.sock"));
  }

  @AfterEach
  void close() throws InterruptedException {
    cart.close();
    threads.shutdownNow();
    assertThat(threads.awaitTermination(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  /** Rotates as fast as the stream takes it, while the others work. */
  private void rotate(TestCa... authorities) {
    List<X509SVIDResponse> messages = new ArrayList<>();
    for (int i = 0; i < DISTINCT_SVIDS; i++) {
      messages.add(authorities[i % authorities.length].message(CART.path()));
    }
    for (int i = 0; i < ROTATIONS; i++) {
      cart.update(messages.get(i % DISTINCT_SVIDS));
    }
    rotating.set(false);
  }

  private Future<Integer> whileRotating(Callable<Void> work) {
    return threads.submit(() -> {
      int times = 0;
      while (rotating.get()) {
        work.call();
        times++;
      }
      return times;
    });
  }

  @Test
  void keyAndLeafByAlias_alwaysMatch() throws Exception {
    cart.identify(SHOP.message(CART.path()));
    SpiffeKeyManager manager = new SpiffeKeyManager(cart.source);
    Set<String> serials = new HashSet<>();
    Callable<Void> read =
        () -> {
          String alias = manager.chooseEngineServerAlias("EC", null, null);
          PrivateKey key = Objects.requireNonNull(manager.getPrivateKey(alias));
          awaitRotationAwayFrom(key);
          X509Certificate[] chain = Objects.requireNonNull(manager.getCertificateChain(alias));
          // Refuses a key that is not the leaf's.
          X509Svid svid = X509Svid.of(List.of(chain), key);
          synchronized (serials) {
            serials.add(svid.serial());
          }
          return null;
        };
    List<Future<Integer>> readers = List.of(whileRotating(read), whileRotating(read));

    rotate(SHOP);

    for (Future<Integer> reader : readers) {
      assertThat(reader.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isPositive();
    }
    assertThat(serials).hasSizeGreaterThan(2);
  }

  /** So that each read has a rotation in its middle. */
  private void awaitRotationAwayFrom(PrivateKey key) {
    while (rotating.get() && cart.source.context().svid().privateKey().equals(key)) {
      LockSupport.parkNanos(20_000);
    }
  }

  @Test
  void contextReadAtAnyMoment_isOfOneMessage() throws Exception {
    TestCa other = new TestCa("shop.example", TestWorkload.NOW);
    cart.identify(SHOP.message(CART.path()));
    Callable<Void> read =
        () -> {
          X509Context context = cart.source.context();
          // Each message's leaf verifies under that message's bundle alone.
          VerifiedX509Svid own =
              X509SvidVerifier.verify(
                  PresentedX509Chain.of(context.svid().chain()),
                  context.bundles(),
                  TestWorkload.NOW);
          assertThat(own.id()).isEqualTo(CART);
          return null;
        };
    List<Future<Integer>> readers = List.of(whileRotating(read), whileRotating(read));

    rotate(SHOP, other);

    for (Future<Integer> reader : readers) {
      assertThat(reader.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isPositive();
    }
  }

  @Test
  void handshakesThroughRotations_allSucceed() throws Exception {
    cart.identify(SHOP.message(CART.path()));
    SSLContext context = SpiffeTls.of(cart.source, Authorizer.id(CART)).sslContext();
    Set<X509Certificate> presented = new HashSet<>();
    Callable<Void> handshake =
        () -> {
          SSLEngine server = context.createSSLEngine();
          server.setUseClientMode(false);
          SSLEngine client = context.createSSLEngine("cart", 443);
          client.setUseClientMode(true);
          Handshake.run(client, server);
          VerifiedX509Svid peer = PeerIdentity.of(client.getSession());
          assertThat(peer.id()).isEqualTo(CART);
          assertThat(PeerIdentity.of(server.getSession()).id()).isEqualTo(CART);
          synchronized (presented) {
            presented.add(peer.leaf());
          }
          return null;
        };
    List<Future<Integer>> callers = List.of(whileRotating(handshake), whileRotating(handshake));

    rotate(SHOP);

    for (Future<Integer> caller : callers) {
      assertThat(caller.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isPositive();
    }
    assertThat(presented).hasSizeGreaterThan(2);
  }
}
