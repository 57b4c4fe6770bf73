package dev.signet.sandbox.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.signet.sandbox.world.CaAnswer;
import dev.signet.sandbox.world.CaClient;
import dev.signet.sandbox.world.CertificateRequests;
import dev.signet.sandbox.world.StolenNode;
import dev.signet.sandbox.world.World;
import dev.signet.sandbox.world.WorldConfig;
import dev.signet.spiffe.X509Svid;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code kill -9} of the real CA while it issues (FAULTS.md F1). */
class CaCrashIT {
  private static final int PODS = 24;
  private static final int KILLS = 5;
  private static final int CALLERS = 2;
  private static final long SEED = 20261101;

  private World world;
  private final List<String> tokens = new ArrayList<>();
  private final Queue<X509Certificate> seen = new ConcurrentLinkedQueue<>();
  private X509Svid agent;

  @BeforeEach
  void start() throws Exception {
    world = World.started(WorldConfig.defaults().withNodes());
    world.cluster().createNamespace("crash");
    world.cluster().createAccount("crash", "app");
    StolenNode node = world.stealNode("crash-node");
    try (CaClient ca = CaClient.anonymous(world.ca().server())) {
      agent = ca.becomeAgent(node.agentToken());
    }
    for (int i = 0; i < PODS; i++) {
      tokens.add(
          node.token(node.pod("crash", "app-" + i, "app"), world.config().workloadAudience()));
    }
  }

  @AfterEach
  void end() {
    world.close();
  }

  @Test
  void killedDuringBatches_everyCertificateHasItsRecord_andTheRootIsTheSame() throws Exception {
    String root = Files.readString(world.ca().bundle());
    Random random = new Random(SEED);
    for (int kill = 0; kill < KILLS; kill++) {
      issueUntilKilled(random.nextInt(100, 500));
      world.ca().start();
      assertThat(Files.readString(world.ca().bundle())).isEqualTo(root);
    }
    // The last one alive still issues, for the agent that was attested before all the kills.
    issueBatch();
    world.ca().kill();

    assertThat(seen).hasSizeGreaterThan(PODS);
    try (StoreFile store = StoreFile.of(world.ca())) {
      for (X509Certificate certificate : seen) {
        assertThat(
                store.strings(
                    "SELECT tbs_sha256 FROM issuance WHERE serial = '"
                        + certificate.getSerialNumber().toString(16)
                        + "'"))
            .containsExactly(sha256(certificate.getTBSCertificate()));
      }
      assertThat(store.strings("SELECT serial FROM issuance")).doesNotHaveDuplicates();
    }
    assertThat(seen.stream().map(X509Certificate::getSerialNumber)).doesNotHaveDuplicates();
  }

  private void issueUntilKilled(int afterMillis) throws Exception {
    AtomicBoolean going = new AtomicBoolean(true);
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        running.add(
            callers.submit(() -> {
              while (going.get()) {
                issueBatch();
              }
            }));
      }
      CompletableFuture.runAsync(
              world.ca()::kill,
              CompletableFuture.delayedExecutor(afterMillis, TimeUnit.MILLISECONDS))
          .get();
      going.set(false);
      for (Future<?> caller : running) {
        caller.get();
      }
    }
  }

  private void issueBatch() {
    List<CaClient.Item> items =
        tokens.stream()
            .map(token ->
                new CaClient.Item(
                    token, ByteString.copyFrom(CertificateRequests.forKey(CaClient.newKey()))))
            .toList();
    try (CaClient ca = CaClient.as(world.ca().server(), agent)) {
      for (CaAnswer answer : ca.issue(items)) {
        if (answer instanceof CaAnswer.Issued issued) {
          seen.add(issued.chain().getFirst());
        }
      }
    }
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
