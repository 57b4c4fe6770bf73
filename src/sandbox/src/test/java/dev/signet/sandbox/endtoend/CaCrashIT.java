package dev.signet.sandbox.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.signet.ca.issuance.IssuanceStep;
import dev.signet.sandbox.world.CaAnswer;
import dev.signet.sandbox.world.CaClient;
import dev.signet.sandbox.world.CaProcess;
import dev.signet.sandbox.world.CertificateRequests;
import dev.signet.sandbox.world.Child;
import dev.signet.sandbox.world.Eventually;
import dev.signet.sandbox.world.StolenNode;
import dev.signet.sandbox.world.World;
import dev.signet.sandbox.world.WorldConfig;
import dev.signet.spiffe.X509Svid;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * {@code kill -9} of the real CA while it issues (FAULTS.md F1): whatever certificate anybody has
 * ever seen is in the store, no serial is there twice, and the root outlives it all.
 */
class CaCrashIT {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int PODS = 24;
  private static final int KILLS = 3;
  private static final int CALLERS = 2;
  private static final int NTH = 30;
  private static final long SEED = 20261101;

  private static final List<String> TOKENS = new ArrayList<>();
  private static final Queue<X509Certificate> SEEN = new ConcurrentLinkedQueue<>();
  private static World world;
  private static X509Svid agent;
  private static String root;

  @BeforeAll
  static void start() throws Exception {
    world = World.started(WorldConfig.defaults().withNodes());
    world.cluster().createNamespace("crash");
    world.cluster().createAccount("crash", "app");
    StolenNode node = world.stealNode("crash-node");
    try (CaClient ca = CaClient.anonymous(world.ca().server())) {
      agent = ca.becomeAgent(node.agentToken());
    }
    for (int i = 0; i < PODS; i++) {
      TOKENS.add(
          node.token(node.pod("crash", "app-" + i, "app"), world.config().workloadAudience()));
    }
    root = Files.readString(world.ca().bundle());
  }

  @AfterAll
  static void end() {
    world.close();
  }

  /** Each test leaves the CA dead; what it has signed is all on record then. */
  @AfterEach
  void everythingThatWasSeen_isRecorded() throws Exception {
    assertThat(world.ca().alive()).isFalse();
    try (StoreFile store = StoreFile.of(world.ca())) {
      for (X509Certificate certificate : SEEN) {
        assertThat(
                store.strings(
                    "SELECT tbs_sha256 FROM issuance WHERE serial = '"
                        + certificate.getSerialNumber().toString(16)
                        + "'"))
            .containsExactly(sha256(certificate.getTBSCertificate()));
      }
      assertThat(store.strings("SELECT serial FROM issuance")).doesNotHaveDuplicates();
    }
    assertThat(SEEN.stream().map(X509Certificate::getSerialNumber)).doesNotHaveDuplicates();
  }

  @Test
  void killedAtAnyMomentOfABatch_startsAgainWithTheSameRoot_andIssues() throws Exception {
    Random random = new Random(SEED);
    for (int kill = 0; kill < KILLS; kill++) {
      int before = SEEN.size();
      startAgain(CaProcess::start);
      try (ExecutorService issuing = Executors.newVirtualThreadPerTaskExecutor()) {
        Future<?> batches = issuing.submit(CaCrashIT::issueUntilItIsDead);
        assertThat(
                Eventually.await(LIMIT, () -> Optional.of(SEEN.size()).filter(now -> now > before)))
            .as("the restarted CA issues")
            .isPresent();
        CompletableFuture.runAsync(
                world.ca()::kill,
                CompletableFuture.delayedExecutor(random.nextInt(200), TimeUnit.MILLISECONDS))
            .get();
        batches.get();
      }
    }
  }

  /** Between the record and the signature, and around it; each start is on what the last left. */
  @Test
  void killedAfterAStep_nothingIsSignedWithoutARecord() throws Exception {
    int seen = SEEN.size();
    for (IssuanceStep step :
        List.of(
            IssuanceStep.GROUP_WRITTEN,
            IssuanceStep.GROUP_COMMITTED,
            IssuanceStep.RECORDED,
            IssuanceStep.SIGNED,
            IssuanceStep.VALIDATED)) {
      int before = records();
      startAgain(ca -> ca.startBy(DyingCa.class, step.name(), Integer.toString(NTH)));

      var _ = issueUntilItIsDead();

      assertThat(exitCode()).as("killed after " + step).isEqualTo(128 + 9);
      assertThat(records()).as("recorded before " + step).isGreaterThan(before);
      everythingThatWasSeen_isRecorded();
    }
    // Of one life a busy machine may deliver nothing before its end.
    assertThat(SEEN).as("issued in five lives").hasSizeGreaterThan(seen);
  }

  private static int records() throws Exception {
    try (StoreFile store = StoreFile.of(world.ca())) {
      return store.strings("SELECT serial FROM issuance").size();
    }
  }

  /** For the agent that was attested before all the kills. */
  private static void startAgain(Consumer<CaProcess> start) throws Exception {
    world.ca().kill();
    start.accept(world.ca());
    assertThat(Files.readString(world.ca().bundle())).isEqualTo(root);
  }

  private static int exitCode() throws Exception {
    Child process = world.ca().process().orElseThrow();
    return process.ended().get(10, TimeUnit.SECONDS);
  }

  private static @Nullable Void issueUntilItIsDead() throws Exception {
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        running.add(
            callers.submit(() -> {
              while (world.ca().alive()) {
                issueBatch();
              }
            }));
      }
      for (Future<?> caller : running) {
        caller.get();
      }
    }
    return null;
  }

  private static void issueBatch() {
    List<CaClient.Item> items =
        TOKENS.stream()
            .map(token ->
                new CaClient.Item(
                    token, ByteString.copyFrom(CertificateRequests.forKey(CaClient.newKey()))))
            .toList();
    try (CaClient ca = CaClient.as(world.ca().server(), agent)) {
      for (CaAnswer answer : ca.issue(items)) {
        if (answer instanceof CaAnswer.Issued issued) {
          SEEN.add(issued.chain().getFirst());
        }
      }
    }
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
