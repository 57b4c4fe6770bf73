package dev.signet.ca.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.authority.CaWorld;
import dev.signet.ca.authority.StartRefusedException;
import dev.signet.ca.authority.TrustRoot;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.keys.KeyManager;
import dev.signet.ca.keys.KeyManagerException;
import dev.signet.spiffe.PresentedX509Chain;
import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.X509BundleSet;
import dev.signet.spiffe.X509SvidVerifier;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RecordingSvidIssuerTest {
  private static final SpiffeId CART = SpiffeId.parse("spiffe://shop.example/ns/shop/sa/cart");
  private static final Duration TTL = Duration.ofHours(1);
  private static final Duration BACKDATE = Duration.ofMinutes(5);

  private final CaWorld world = new CaWorld();
  private final List<IssuanceStep> steps = new CopyOnWriteArrayList<>();
  private TrustRoot root;

  @BeforeEach
  void makeRoot() {
    root = world.createRoot();
  }

  @AfterEach
  void close() {
    world.close();
  }

  private SvidIssuer issuer() throws StartRefusedException {
    return issuer(world.writer, world.keys, 1000, steps::add);
  }

  private SvidIssuer issuer(TbsWriter writer, KeyManager keys, int maxInFlight, IssuanceSteps steps)
      throws StartRefusedException {
    CertificateSigner signer =
        new CertificateSigner(world.log, keys, world.executor, world.clock, steps);
    return new RecordingSvidIssuer(
        world.start(root), writer, signer, world.executor, world.clock, steps, maxInFlight);
  }

  private Granted workload() {
    return granted(
        SvidKind.WORKLOAD,
        CART,
        Optional.of(Records.attestation("node-1", "pod-1")),
        Optional.empty());
  }

  private Granted granted(
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

  @Test
  void svid_isWhatWasGranted() throws Exception {
    Granted granted = workload();
    IssuedSvid svid = get(issuer().issue(granted));
    X509Certificate leaf = svid.chain().getFirst();

    assertThat(svid.id()).isEqualTo(CART);
    assertThat(svid.serial()).isEqualTo(leaf.getSerialNumber().toString(16));
    assertThat(svid.notAfter()).isEqualTo(CaWorld.START.plus(TTL));
    assertThat(leaf.getNotBefore().toInstant()).isEqualTo(CaWorld.START.minus(BACKDATE));
    assertThat(leaf.getNotAfter().toInstant()).isEqualTo(svid.notAfter());
    assertThat(leaf.getSubjectX500Principal().getName()).isEmpty();
    assertThat(leaf.getSubjectAlternativeNames()).containsExactly(List.of(6, CART.toString()));
    assertThat(leaf.getExtensionValue("2.5.29.19")).containsExactly(4, 2, 0x30, 0);
    assertThat(leaf.getPublicKey().getEncoded())
        .isEqualTo(granted.template().key().publicKey().getEncoded());
    assertThat(svid.chain()).hasSize(2).doesNotContain(root.certificate());
  }

  @Test
  void svid_verifiesAgainstTheBundle() throws Exception {
    IssuedSvid svid = get(issuer().issue(workload()));

    assertThat(
            X509SvidVerifier.verify(
                    PresentedX509Chain.of(svid.chain()),
                    X509BundleSet.of(root.bundle().x509()),
                    world.clock.instant())
                .id())
        .isEqualTo(CART);
  }

  @Test
  void steps_areInOrder() throws Exception {
    var _ = get(issuer().issue(workload()));

    assertThat(steps)
        .containsExactly(
            IssuanceStep.BUILT,
            IssuanceStep.LINTED,
            IssuanceStep.RECORDED,
            IssuanceStep.SIGNED,
            IssuanceStep.VALIDATED);
  }

  @Test
  void record_saysOnWhatGrounds() throws Exception {
    IssuedSvid svid = get(issuer().issue(workload()));
    IssuanceRecord record = world.log.records().getLast();

    assertThat(record.serial()).isEqualTo(svid.serial());
    assertThat(record.kind()).isEqualTo(CertificateKind.WORKLOAD);
    assertThat(record.id()).isEqualTo(CART);
    assertThat(record.attestation()).contains(Records.attestation("node-1", "pod-1"));
    assertThat(record.tbsSha256())
        .isEqualTo(Digests.sha256Hex(svid.chain().getFirst().getTBSCertificate()));
    assertThat(record.recordedAt()).isEqualTo(CaWorld.START);
    assertThat(world.log.outcome(svid.serial()))
        .contains(Digests.sha256Hex(svid.chain().getFirst().getEncoded()));
  }

  @Test
  void grant_isRedeemedOnce() throws Exception {
    SvidIssuer issuer = issuer();
    Granted granted = workload();
    assertThat(get(issuer.issue(granted))).isNotNull();

    assertThatThrownBy(() -> issuer.issue(granted))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("redeemed before");
  }

  @Test
  void agent_becomesTheLiveOneAndASecondIsRefused() throws Exception {
    SvidIssuer issuer = issuer();
    IssuedSvid svid = get(issuer.issue(agent("pod-1", Optional.empty())));
    assertThat(world.log.on("demo", "node-1").orElseThrow().serial()).isEqualTo(svid.serial());

    assertThat(refusal(issuer.issue(agent("pod-2", Optional.empty()))))
        .isEqualTo(RefusalReason.AGENT_ALREADY_ON_NODE);
    assertThat(get(issuer.issue(agent("pod-2", Optional.of("pod-1"))))).isNotNull();
  }

  private Granted agent(String podUid, Optional<String> replaces) {
    return granted(
        SvidKind.AGENT,
        SpiffeId.parse("spiffe://shop.example/signet/agent/demo/node-1"),
        Optional.of(Records.attestation("node-1", podUid)),
        replaces);
  }

  @Test
  void server_isIssuedWithoutAttestation() throws Exception {
    Granted granted =
        granted(
            SvidKind.SERVER,
            SpiffeId.parse("spiffe://shop.example/signet/ca"),
            Optional.empty(),
            Optional.empty());

    assertThat(get(issuer().issue(granted)).id().path()).isEqualTo("/signet/ca");
  }

  /** F21: a leaf ends no later than its issuer. */
  @Test
  void nearTheAuthoritysEnd_leafEndsWithIt() throws Exception {
    SvidIssuer issuer = issuer();
    world.clock.advance(Duration.ofHours(23).plusMinutes(30));
    IssuedSvid svid = get(issuer.issue(workload()));

    assertThat(svid.notAfter()).isEqualTo(CaWorld.START.plus(Duration.ofHours(24)));
  }

  @Test
  void beginning_isNotBeforeTheAuthoritys() throws Exception {
    Instant now = world.clock.instant();
    Granted early = workload();
    LeafTemplate template =
        new LeafTemplate(
            CART, now.minus(Duration.ofHours(2)), now.plus(TTL), early.template().key());
    IssuedSvid svid =
        get(
            issuer()
                .issue(
                    new Granted(
                        SvidKind.WORKLOAD, template, early.attestation(), Optional.empty())));

    assertThat(svid.chain().getFirst().getNotBefore().toInstant())
        .isEqualTo(now.minus(Duration.ofHours(1)));
  }

  @Test
  void expiredAuthority_isUnavailableAndRecordsNothing() throws Exception {
    SvidIssuer issuer = issuer();
    int before = world.log.records().size();
    world.clock.advance(Duration.ofHours(25));

    assertThat(refusal(issuer.issue(workload()))).isEqualTo(RefusalReason.AUTHORITY_UNAVAILABLE);
    assertThat(world.log.records()).hasSize(before);
  }

  /** F25, T47. */
  @Test
  void clockFarBehindTheLastSigning_isRefusedAndSignsNothing() throws Exception {
    SvidIssuer issuer = issuer();
    world.clock.advance(Duration.ofMinutes(10));
    assertThat(get(issuer.issue(workload()))).isNotNull();
    int before = world.log.records().size();
    world.clock.set(CaWorld.START.plus(Duration.ofMinutes(5)));
    assertThat(get(issuer.issue(workload()))).as("5 min behind is allowed").isNotNull();
    world.clock.set(CaWorld.START.plus(Duration.ofMinutes(4)));

    assertThat(refusal(issuer.issue(workload()))).isEqualTo(RefusalReason.CLOCK_BEHIND_RECORDS);
    assertThat(world.log.records()).hasSize(before + 1);
  }

  @Test
  void clockFarBehind_isRememberedOverARestart() throws Exception {
    SvidIssuer issuer = issuer();
    world.clock.advance(Duration.ofMinutes(30));
    assertThat(get(issuer.issue(workload()))).isNotNull();
    world.clock.set(CaWorld.START);

    assertThat(refusal(issuer().issue(workload()))).isEqualTo(RefusalReason.CLOCK_BEHIND_RECORDS);
  }

  @Test
  void clockThatFallsBetweenRecordAndSignature_signsNothing() throws Exception {
    SvidIssuer issuer =
        issuer(
            world.writer,
            world.keys,
            10,
            step -> {
              steps.add(step);
              if (step == IssuanceStep.RECORDED) {
                world.clock.set(CaWorld.START.minus(Duration.ofMinutes(6)));
              }
            });

    assertThat(refusal(issuer.issue(workload()))).isEqualTo(RefusalReason.CLOCK_BEHIND_RECORDS);
    assertThat(steps).doesNotContain(IssuanceStep.SIGNED);
  }

  @Test
  void storeThatRefuses_signsNothing() throws Exception {
    SvidIssuer issuer = issuer();
    for (RefusalReason reason :
        List.of(RefusalReason.STORE_UNAVAILABLE, RefusalReason.OVERLOADED)) {
      world.log.refuse(reason);
      assertThat(refusal(issuer.issue(workload()))).isEqualTo(reason);
    }
    assertThat(steps).doesNotContain(IssuanceStep.RECORDED, IssuanceStep.SIGNED);
    world.log.heal();

    assertThat(get(issuer.issue(workload()))).isNotNull();
  }

  @Test
  void keyThatDoesNotAnswer_isAuthorityUnavailable() throws Exception {
    SvidIssuer issuer =
        issuer(
            world.writer,
            new OtherSignature(
                world.keys,
                _ -> {
                  throw new KeyManagerException(
                      KeyManagerException.Problem.UNAVAILABLE, "gone on order");
                }),
            10,
            steps::add);

    assertThat(refusal(issuer.issue(workload()))).isEqualTo(RefusalReason.AUTHORITY_UNAVAILABLE);
  }

  @Test
  void wrongSignature_isNotHandedOut() throws Exception {
    KeyId other = new KeyId("other");
    world.keys.create(other);
    SvidIssuer issuer =
        issuer(
            world.writer,
            new OtherSignature(world.keys, data -> world.keys.sign(other, data)),
            10,
            steps::add);

    assertThat(refusal(issuer.issue(workload()))).isEqualTo(RefusalReason.CERTIFICATE_NOT_SOUND);
    assertThat(steps).contains(IssuanceStep.SIGNED).doesNotContain(IssuanceStep.VALIDATED);
    assertThat(world.log.outcome(world.log.records().getLast().serial())).isEmpty();
  }

  @Test
  void garbageInPlaceOfASignature_isNotHandedOut() throws Exception {
    SvidIssuer issuer =
        issuer(world.writer, new OtherSignature(world.keys, _ -> new byte[300]), 10, steps::add);

    assertThat(refusal(issuer.issue(workload()))).isEqualTo(RefusalReason.CERTIFICATE_NOT_SOUND);
  }

  /** A writer that lies is caught before the record, and so before the signature. */
  @Test
  void lyingWriter_isCaughtBeforeTheRecord() throws Exception {
    TbsWriter lying =
        content ->
            world.writer.write(
                new CertificateContent(
                    content.profile(),
                    content.serial(),
                    content.issuer(),
                    content.subject(),
                    SpiffeId.parse("spiffe://shop.example/signet/ca"),
                    content.validity(),
                    content.publicKey(),
                    content.issuerKeyId()));
    SvidIssuer issuer = issuer(lying, world.keys, 10, steps::add);
    int before = world.log.records().size();

    assertThat(refusal(issuer.issue(workload()))).isEqualTo(RefusalReason.CERTIFICATE_NOT_SOUND);
    assertThat(world.log.records()).hasSize(before);
    assertThat(steps).containsExactly(IssuanceStep.BUILT);
  }

  @Test
  void defectOfTheWriter_isARefusal() throws Exception {
    SvidIssuer issuer =
        issuer(
            _ -> {
              throw new IllegalStateException("a defect");
            },
            world.keys,
            10,
            steps::add);

    assertThat(refusal(issuer.issue(workload()))).isEqualTo(RefusalReason.CERTIFICATE_NOT_SOUND);
  }

  @Test
  void moreThanMayBeInFlight_areOverloadedAtOnce() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    SvidIssuer issuer =
        issuer(
            world.writer,
            world.keys,
            2,
            step -> {
              if (step == IssuanceStep.BUILT) {
                await(goOn);
              }
            });
    CompletableFuture<IssuedSvid> first = issuer.issue(workload());
    CompletableFuture<IssuedSvid> second = issuer.issue(workload());
    assertThat(refusal(issuer.issue(workload()))).isEqualTo(RefusalReason.OVERLOADED);
    goOn.countDown();
    assertThat(get(first)).isNotNull();
    assertThat(get(second)).isNotNull();

    assertThat(get(issuer.issue(workload()))).as("there is room again").isNotNull();
  }

  @Test
  void stoppedExecutor_isARefusal() throws Exception {
    SvidIssuer issuer = issuer();
    world.executor.shutdown();

    assertThat(refusal(issuer.issue(workload()))).isEqualTo(RefusalReason.OVERLOADED);
  }

  @Test
  void manyAtOnce_haveUniqueSerialsAndARecordEach() throws Exception {
    SvidIssuer issuer = issuer();
    List<CompletableFuture<IssuedSvid>> answers =
        IntStream.range(0, 200).mapToObj(_ -> issuer.issue(workload())).toList();
    Set<String> serials = new HashSet<>();
    for (CompletableFuture<IssuedSvid> answer : answers) {
      serials.add(get(answer).serial());
    }

    assertThat(serials).hasSize(200);
    assertThat(world.log.records()).extracting(IssuanceRecord::serial).containsAll(serials);
  }

  private static IssuedSvid get(CompletableFuture<IssuedSvid> answer) throws Exception {
    return answer.get(20, TimeUnit.SECONDS);
  }

  private static RefusalReason refusal(CompletableFuture<IssuedSvid> answer)
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

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Keys whose signatures come from elsewhere. */
  private record OtherSignature(KeyManager keys, Signing signing) implements KeyManager {
    private interface Signing {
      byte[] sign(byte[] data) throws KeyManagerException;
    }

    @Override
    public PublicKey create(KeyId id) throws KeyManagerException {
      return keys.create(id);
    }

    @Override
    public PublicKey publicKey(KeyId id) throws KeyManagerException {
      return keys.publicKey(id);
    }

    @Override
    public byte[] sign(KeyId id, byte[] data) throws KeyManagerException {
      return signing.sign(data);
    }

    @Override
    public void delete(KeyId id) throws KeyManagerException {
      keys.delete(id);
    }

    @Override
    public List<KeyId> list() throws KeyManagerException {
      return keys.list();
    }
  }
}
