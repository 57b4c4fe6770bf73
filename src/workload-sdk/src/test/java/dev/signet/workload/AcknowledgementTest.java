package dev.signet.workload;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.signet.proto.agent.v1.AcknowledgeRequest;
import dev.signet.spiffe.X509Bundle;
import dev.signet.spiffe.X509Svid;
import dev.signet.workload.SourceStatus.State;
import io.grpc.Status;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AcknowledgementTest {

  private static final TestCa SHOP = new TestCa("shop.example", TestWorkload.NOW);
  private static final String CART = "/ns/shop/sa/cart";

  @TempDir Path folder;
  private Path socket = Path.of("unset");

  @BeforeEach
  void chooseSocket() {
    socket = folder.resolve("api.sock");
  }

  private static AcknowledgeRequest request(X509Bundle bundle, X509Svid svid) {
    return AcknowledgeRequest.newBuilder()
        .setBundleDigest(ByteString.copyFrom(bundle.digest()))
        .setSerial(svid.serial())
        .build();
  }

  @Test
  void everyChange_isAcknowledgedOnceItIsInUse() throws InterruptedException {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      List<String> inUse = new ArrayList<>();
      AtomicLong revision = new AtomicLong(40);
      cart.api.onAcknowledge(request -> {
        synchronized (inUse) {
          inUse.add(cart.source.context().svid().serial());
        }
        return revision.incrementAndGet();
      });
      X509Svid first = SHOP.svid(CART);
      FakeWorkloadApi.Stream stream = cart.identify(SHOP.message(first));
      assertThat(cart.api.nextAcknowledgement()).isEqualTo(request(SHOP.bundle, first));

      X509Svid second = SHOP.svid(CART);
      stream.send(SHOP.message(second));
      assertThat(cart.api.nextAcknowledgement()).isEqualTo(request(SHOP.bundle, second));

      List<X509Certificate> roots = new ArrayList<>();
      roots.addAll(SHOP.bundle.authorities());
      roots.addAll(new TestCa("shop.example", TestWorkload.NOW).bundle.authorities());
      X509Bundle both = X509Bundle.of(SHOP.domain, roots);
      stream.send(SHOP.message(second).toBuilder().setSvids(0, TestCa.wire(second, both)).build());
      assertThat(cart.api.nextAcknowledgement()).isEqualTo(request(both, second));

      synchronized (inUse) {
        assertThat(inUse).containsExactly(first.serial(), second.serial(), second.serial());
      }
      Eventually.until(
          "the revision is known", () -> cart.status().acknowledgedRevision().orElse(0) == 43);
    }
  }

  /** As when the CA orders leaves replaced: a late word for the older one would undo the newer. */
  @Test
  void leafThatComesWhileAnAcknowledgementIsUnderWay_isAcknowledgedAfterIt()
      throws InterruptedException {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      X509Svid first = SHOP.svid(CART);
      X509Svid second = SHOP.svid(CART);
      CompletableFuture<FakeWorkloadApi.Stream> stream = new CompletableFuture<>();
      AtomicInteger heard = new AtomicInteger();
      cart.api.onAcknowledge(request -> {
        if (heard.incrementAndGet() == 1) {
          CompletableFuture<Void> unused =
              stream.thenAccept(open -> open.send(SHOP.message(second)));
        }
        return 7L;
      });

      stream.complete(cart.identify(SHOP.message(first)));

      assertThat(cart.api.nextAcknowledgement()).isEqualTo(request(SHOP.bundle, first));
      assertThat(cart.api.nextAcknowledgement()).isEqualTo(request(SHOP.bundle, second));
      cart.awaitSerial(second.serial());
      assertThat(cart.api.hasAcknowledgement()).isFalse();
    }
  }

  @Test
  void messageWithoutAChange_isNotAcknowledgedAgain_butANewConnectionIs()
      throws InterruptedException {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      X509Svid svid = SHOP.svid(CART);
      FakeWorkloadApi.Stream stream = cart.identify(SHOP.message(svid));
      cart.api.nextAcknowledgement();
      Eventually.until("settled", () -> cart.status().acknowledgedRevision().isPresent());

      stream.send(SHOP.message(svid));
      X509Svid next = SHOP.svid(CART);
      stream.send(SHOP.message(next));
      assertThat(cart.api.nextAcknowledgement()).isEqualTo(request(SHOP.bundle, next));
      assertThat(cart.api.hasAcknowledgement()).isFalse();

      stream.end(Status.UNAVAILABLE);
      cart.api.nextStream().send(SHOP.message(next));
      assertThat(cart.api.nextAcknowledgement()).isEqualTo(request(SHOP.bundle, next));
    }
  }

  /**
   * A shop's pod once ended with a stack trace: its I/O thread had gone before the call's timer.
   */
  @Test
  void sourceClosedBeforeTheAnswer_endsQuietly() throws InterruptedException {
    List<LogRecord> complaints = new CopyOnWriteArrayList<>();
    Handler listener = new Complaints(complaints);
    Logger grpc = Logger.getLogger("io.grpc");
    grpc.addHandler(listener);
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      cart.api.onAcknowledge(request -> FakeWorkloadApi.NEVER);
      cart.identify(SHOP.message(CART));
      cart.api.nextAcknowledgement();

      cart.source.close();

      Eventually.until("its threads have ended", cart.executor::isTerminated);
    } finally {
      grpc.removeHandler(listener);
    }
    assertThat(complaints).extracting(LogRecord::getMessage).isEmpty();
  }

  @Test
  void foreignAgent_isAskedOncePerConnection() throws InterruptedException {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      cart.api.onAcknowledge(request -> Status.UNIMPLEMENTED);
      FakeWorkloadApi.Stream stream = cart.identify(SHOP.message(CART));
      cart.api.nextAcknowledgement();
      for (int i = 0; i < 5; i++) {
        X509Svid next = SHOP.svid(CART);
        stream.send(SHOP.message(next));
        cart.awaitSerial(next.serial());
      }
      stream.end(Status.UNAVAILABLE);
      FakeWorkloadApi.Stream again = cart.api.nextStream();
      assertThat(cart.api.hasAcknowledgement()).isFalse();
      assertThat(cart.status().state()).isEqualTo(State.DEGRADED);

      again.send(SHOP.message(CART));
      cart.api.nextAcknowledgement();
      cart.awaitState(State.READY);
      assertThat(cart.status().acknowledgedRevision()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL", "RESOURCE_EXHAUSTED"})
  void lostAcknowledgement_isSentAgain(Status.Code code) throws InterruptedException {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      AtomicInteger tries = new AtomicInteger();
      cart.api.onAcknowledge(request -> tries.incrementAndGet() < 4 ? code.toStatus() : 7L);
      X509Svid svid = SHOP.svid(CART);
      cart.identify(SHOP.message(svid));

      for (int i = 0; i < 4; i++) {
        assertThat(cart.api.nextAcknowledgement()).isEqualTo(request(SHOP.bundle, svid));
      }
      Eventually.until(
          "the revision is known", () -> cart.status().acknowledgedRevision().orElse(0) == 7);
      assertThat(cart.status().state()).isEqualTo(State.READY);
      assertThat(cart.api.hasAcknowledgement()).isFalse();
    }
  }

  @Test
  void refusedAcknowledgement_isNotRepeated_butTheNextChangeIsTold() throws InterruptedException {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      cart.api.onAcknowledge(request -> Status.PERMISSION_DENIED);
      X509Svid first = SHOP.svid(CART);
      FakeWorkloadApi.Stream stream = cart.identify(SHOP.message(first));
      assertThat(cart.api.nextAcknowledgement()).isEqualTo(request(SHOP.bundle, first));

      X509Svid second = SHOP.svid(CART);
      stream.send(SHOP.message(second));

      assertThat(cart.api.nextAcknowledgement()).isEqualTo(request(SHOP.bundle, second));
      assertThat(cart.api.hasAcknowledgement()).isFalse();
    }
  }

  @Test
  void messageThatIsDiscarded_isNotAcknowledged() throws InterruptedException {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      X509Svid first = SHOP.svid(CART);
      FakeWorkloadApi.Stream stream = cart.identify(SHOP.message(first));
      cart.api.nextAcknowledgement();

      stream.send(
          SHOP.message(CART).toBuilder()
              .setSvids(0, TestCa.wire(SHOP.svid(CART), SHOP.bundle).toBuilder().clearBundle())
              .build());
      cart.awaitState(State.DEGRADED);
      X509Svid second = SHOP.svid(CART);
      stream.send(SHOP.message(second));

      assertThat(cart.api.nextAcknowledgement()).isEqualTo(request(SHOP.bundle, second));
    }
  }

  private static final class Complaints extends Handler {
    private final List<LogRecord> records;

    Complaints(List<LogRecord> records) {
      this.records = records;
    }

    @Override
    public void publish(LogRecord complaint) {
      if (complaint.getLevel().intValue() >= Level.WARNING.intValue()) {
        records.add(complaint);
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
