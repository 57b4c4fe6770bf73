package dev.signet.ca.issuance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.keys.KeyId;
import dev.signet.ca.keys.KeyManager;
import dev.signet.ca.keys.KeyManagerException;
import dev.signet.spiffe.SpiffeId;
import java.security.PublicKey;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * When a part of it fails or lies: nothing leaves, nothing is signed that should not be, nobody
 * waits.
 */
class RecordingSvidIssuerFaultTest extends IssuerWorld {
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

  /** What the caller does with an answer must not hold up the store. */
  @Test
  void refusalOfTheStore_isAnsweredFromAnotherThread() throws Exception {
    SvidIssuer issuer = issuer();
    world.log.refuse(RefusalReason.STORE_UNAVAILABLE);
    CompletableFuture<String> thread =
        issuer.issue(workload()).handle((_, _) -> Thread.currentThread().getName());

    assertThat(thread.get(20, TimeUnit.SECONDS)).isNotEqualTo("memory-log");
  }

  @Test
  void keyThatDoesNotAnswer_isAuthorityUnavailable() throws Exception {
    SvidIssuer issuer =
        issuer(
            world.writer,
            new OtherSignature(
                world.keys,
                (_, _) -> {
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
            new OtherSignature(world.keys, (_, data) -> world.keys.sign(other, data)),
            10,
            steps::add);

    assertThat(refusal(issuer.issue(workload()))).isEqualTo(RefusalReason.CERTIFICATE_NOT_SOUND);
    assertThat(steps).contains(IssuanceStep.SIGNED).doesNotContain(IssuanceStep.VALIDATED);
    assertThat(world.log.outcome(world.log.records().getLast().serial())).isEmpty();
  }

  /** The authority's path is known by then; each leaf's own signature counts all the same. */
  @Test
  void wrongSignatureAfterAGoodOne_isNotHandedOut() throws Exception {
    KeyId other = new KeyId("other");
    world.keys.create(other);
    AtomicBoolean wrong = new AtomicBoolean();
    SvidIssuer issuer =
        issuer(
            world.writer,
            new OtherSignature(
                world.keys, (id, data) -> world.keys.sign(wrong.get() ? other : id, data)),
            10,
            steps::add);
    assertThat(get(issuer.issue(workload()))).isNotNull();
    wrong.set(true);

    assertThat(refusal(issuer.issue(workload()))).isEqualTo(RefusalReason.CERTIFICATE_NOT_SOUND);
  }

  /** As a verifier would say, at the time at which it is handed out. */
  @Test
  void leafThatEndsWhileItIsSigned_isNotHandedOut() throws Exception {
    SvidIssuer issuer =
        issuer(
            world.writer,
            world.keys,
            10,
            step -> {
              if (step == IssuanceStep.SIGNED && steps.contains(step)) {
                world.clock.advance(TTL.plusSeconds(1));
              }
              steps.add(step);
            });
    assertThat(get(issuer.issue(workload()))).isNotNull();

    assertThat(refusal(issuer.issue(workload()))).isEqualTo(RefusalReason.CERTIFICATE_NOT_SOUND);
  }

  @Test
  void garbageInPlaceOfASignature_isNotHandedOut() throws Exception {
    SvidIssuer issuer =
        issuer(
            world.writer, new OtherSignature(world.keys, (_, _) -> new byte[300]), 10, steps::add);

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

    assertThat(refusal(issuer.issue(workload()))).isEqualTo(RefusalReason.SHUTTING_DOWN);
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

  /** Keys whose signatures come from elsewhere. */
  private record OtherSignature(KeyManager keys, Signing signing) implements KeyManager {
    private interface Signing {
      byte[] sign(KeyId id, byte[] data) throws KeyManagerException;
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
      return signing.sign(id, data);
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
