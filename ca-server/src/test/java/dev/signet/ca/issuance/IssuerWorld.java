package dev.signet.ca.issuance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.authority.CaWorld;
import dev.signet.ca.authority.StartRefusedException;
import dev.signet.ca.authority.TrustRoot;
import dev.signet.ca.keys.KeyManager;
import dev.signet.spiffe.SpiffeId;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** An issuer on fakes for store and keys, and grants for it. */
abstract class IssuerWorld {
  static final SpiffeId CART = SpiffeId.parse("spiffe://shop.example/ns/shop/sa/cart");
  static final Duration TTL = Duration.ofHours(1);
  static final Duration BACKDATE = Duration.ofMinutes(5);

  final CaWorld world = new CaWorld();
  final List<IssuanceStep> steps = new CopyOnWriteArrayList<>();
  TrustRoot root;

  @BeforeEach
  void makeRoot() {
    root = world.createRoot();
  }

  @AfterEach
  void close() {
    world.close();
  }

  SvidIssuer issuer() throws StartRefusedException {
    return issuer(world.writer, world.keys, 1000, steps::add);
  }

  SvidIssuer issuer(TbsWriter writer, KeyManager keys, int maxInFlight, IssuanceSteps steps)
      throws StartRefusedException {
    CertificateSigner signer =
        new CertificateSigner(
            world.log, keys, world.executor, world.crypto.ec(), world.clock, steps);
    return new RecordingSvidIssuer(
        world.start(root), writer, signer, world.executor, world.clock, steps, maxInFlight);
  }

  Granted workload() {
    return granted(
        SvidKind.WORKLOAD,
        CART,
        Optional.of(Records.attestation("node-1", "pod-1")),
        Optional.empty());
  }

  Granted granted(
      SvidKind kind, SpiffeId id, Optional<Attestation> attestation, Optional<String> replaces) {
    Instant now = world.clock.instant();
    PublicKey key = world.crypto.generateP256().getPublic();
    ProvenKey proven = new ProvenKey(key, Digests.sha256Hex(key.getEncoded()));
    return new Granted(
        kind,
        new LeafTemplate(id, now.minus(BACKDATE), now.plus(TTL), proven),
        attestation,
        replaces);
  }

  static IssuedSvid get(CompletableFuture<IssuedSvid> answer) throws Exception {
    return answer.get(20, TimeUnit.SECONDS);
  }

  static RefusalReason refusal(CompletableFuture<IssuedSvid> answer)
      throws InterruptedException, TimeoutException {
    try {
      throw new AssertionError("was issued: " + answer.get(20, TimeUnit.SECONDS).serial());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RefusedException refused) {
        return refused.refusal().reason();
      }
      throw new AssertionError("no refusal", e);
    }
  }

  static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
