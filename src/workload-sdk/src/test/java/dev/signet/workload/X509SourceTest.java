package dev.signet.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.signet.spiffe.X509Svid;
import dev.signet.workload.SourceStatus.Kind;
import dev.signet.workload.SourceStatus.State;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class X509SourceTest {

  private static final TestCa SHOP = new TestCa("shop.example", TestWorkload.NOW);
  private static final TestCa PARTNER = new TestCa("partner.example", TestWorkload.NOW);
  private static final String CART = "/ns/shop/sa/cart";

  @TempDir Path folder;
  private Path socket = Path.of("unset");

  @BeforeEach
  void chooseSocket() {
    socket = folder.resolve("api.sock");
  }

  @Test
  void beforeTheFirstSvid_stateIsWaiting_andNothingIsHandedOut() {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      assertThat(cart.status().state()).isEqualTo(State.WAITING);
      assertThat(cart.status().id()).isEmpty();
      assertThatThrownBy(cart.source::context)
          .isInstanceOf(SvidUnavailableException.class)
          .hasMessageContaining("WAITING")
          .hasMessageContaining(socket.toString());
    }
  }

  @Test
  void openOnASilentStream_endsAtTheDeadline() {
    try (FakeWorkloadApi api = FakeWorkloadApi.start(socket)) {
      assertThatThrownBy(() -> X509Source.open(api.endpoint(), TestWorkload.soon()))
          .isInstanceOf(SvidUnavailableException.class)
          .hasMessageContaining("no valid X509-SVID within PT0.05S")
          .hasMessageContaining("WAITING");
    }
  }

  @Test
  void openWithoutASocket_saysWhyAtTheDeadline() {
    assertThatThrownBy(() ->
            X509Source.open(WorkloadApiEndpoint.parse("unix://" + socket), Duration.ofMillis(400)))
        .isInstanceOfSatisfying(
            SvidUnavailableException.class,
            e -> {
              assertThat(e)
                  .hasMessageContaining("UNAVAILABLE")
                  .hasMessageContaining("No such file");
              assertThat(e.status().state()).isEqualTo(State.WAITING);
              assertThat(e.status().problem().orElseThrow().kind()).isEqualTo(Kind.UNAVAILABLE);
            });
  }

  @Test
  void openOnARefusal_saysWhyAtTheDeadline_andClosesTheSource() throws InterruptedException {
    SettableClock clock = new SettableClock(TestWorkload.NOW);
    ImpatientExecutor executor = new ImpatientExecutor();
    try (FakeWorkloadApi api = FakeWorkloadApi.start(socket)) {
      Thread agent =
          new Thread(() -> {
            try {
              while (true) {
                api.nextStream().end(Status.PERMISSION_DENIED.withDescription("DEFAULT_ACCOUNT"));
              }
            } catch (InterruptedException | AssertionError e) {
              // The test is over.
            }
          });
      agent.start();

      assertThatThrownBy(() ->
              X509Source.open(
                  api.endpoint(), Duration.ofMillis(500), TestWorkload.runtime(clock, executor)))
          .isInstanceOf(SvidUnavailableException.class)
          .hasMessageContaining("PERMISSION_DENIED: DEFAULT_ACCOUNT");

      assertThat(executor.awaitTermination(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS))
          .isTrue();
      agent.interrupt();
      agent.join();
    }
  }

  @Test
  void openReturns_onceTheFirstSvidIsThere() throws Exception {
    try (FakeWorkloadApi api = FakeWorkloadApi.start(socket)) {
      BlockingQueue<X509Source> opened = new LinkedBlockingQueue<>();
      Thread opener =
          new Thread(() ->
              opened.add(
                  X509Source.open(
                      api.endpoint(),
                      Eventually.LIMIT,
                      TestWorkload.runtime(
                          new SettableClock(TestWorkload.NOW), new ImpatientExecutor()))));
      opener.start();
      FakeWorkloadApi.Stream stream = api.nextStream();
      assertThat(opened).isEmpty();
      stream.send(SHOP.message(CART));

      try (X509Source source = Eventually.next("open returns", opened)) {
        assertThat(source.context().svid().id().path()).isEqualTo(CART);
        assertThat(source.status().state()).isEqualTo(State.READY);
      }
      opener.join();
    }
  }

  @Test
  void interruptedWait_endsAndKeepsTheFlag() {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      Thread.currentThread().interrupt();

      assertThatThrownBy(() -> cart.source.await(Eventually.LIMIT))
          .isInstanceOf(SvidUnavailableException.class)
          .hasMessageContaining("interrupted");

      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void eachRotation_isFollowed() throws InterruptedException {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      FakeWorkloadApi.Stream stream = cart.identify(SHOP.message(CART));
      for (int i = 0; i < 5; i++) {
        X509Svid next = SHOP.svid(CART);
        stream.send(SHOP.message(next));
        cart.awaitSerial(next.serial());
        assertThat(cart.source.context().svid().leaf()).isEqualTo(next.leaf());
      }
      assertThat(cart.status().state()).isEqualTo(State.READY);
    }
  }

  @Test
  void w25FederatedBundleGoneFromAMessage_isUnloaded() throws InterruptedException {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      X509Svid svid = SHOP.svid(CART);
      FakeWorkloadApi.Stream stream =
          cart.identify(
              SHOP.message(svid).toBuilder()
                  .putFederatedBundles(
                      "partner.example", ByteString.copyFrom(PARTNER.bundle.encoded()))
                  .build());
      assertThat(cart.source.context().bundles().bundle(PARTNER.domain)).isPresent();

      stream.send(SHOP.message(svid));

      Eventually.until(
          "the partner is no longer trusted",
          () -> cart.source.context().bundles().bundle(PARTNER.domain).isEmpty());
    }
  }

  @Test
  void svidThatHasEnded_isNeverHandedOut_andTheNextOneHeals() throws InterruptedException {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      FakeWorkloadApi.Stream stream = cart.identify(SHOP.message(CART));
      X509Svid held = cart.source.context().svid();

      cart.clock.advance(Duration.between(TestWorkload.NOW, held.notAfter()));

      assertThat(cart.status().state()).isEqualTo(State.EXPIRED);
      assertThat(cart.status().notAfter()).contains(held.notAfter());
      assertThatThrownBy(cart.source::context)
          .isInstanceOf(SvidUnavailableException.class)
          .hasMessageContaining("EXPIRED");
      assertThatThrownBy(() -> cart.source.await(TestWorkload.soon()))
          .isInstanceOf(SvidUnavailableException.class);

      stream.send(new TestCa("shop.example", cart.clock.instant()).message(CART));
      assertThat(cart.source.await(Eventually.LIMIT).svid().notAfter()).isAfter(held.notAfter());
      assertThat(cart.status().state()).isEqualTo(State.READY);
    }
  }

  @Test
  void listener_getsThePresentContentAndEachLaterOne_untilItsSubscriptionIsClosed()
      throws InterruptedException {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      BlockingQueue<X509Context> early = new LinkedBlockingQueue<>();
      BlockingQueue<X509Context> late = new LinkedBlockingQueue<>();
      X509Source.Subscription subscription = cart.source.onUpdate(early::add);
      X509Svid first = SHOP.svid(CART);
      FakeWorkloadApi.Stream stream = cart.identify(SHOP.message(first));
      cart.source.onUpdate(late::add);

      assertThat(Eventually.next("an update", early).svid().leaf()).isEqualTo(first.leaf());
      assertThat(Eventually.next("the present", late).svid().leaf()).isEqualTo(first.leaf());

      subscription.close();
      X509Svid second = SHOP.svid(CART);
      stream.send(SHOP.message(first));
      stream.send(SHOP.message(second));
      assertThat(Eventually.next("the next, once", late).svid().leaf()).isEqualTo(second.leaf());
      assertThat(early).isEmpty();
      assertThat(late).isEmpty();
    }
  }

  /** The registration is made on the source's thread, the end of it on the caller's. */
  @Test
  void subscriptionThatIsClosedBeforeItBegins_neverBegins() throws InterruptedException {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      FakeWorkloadApi.Stream stream = cart.identify(SHOP.message(CART));
      CountDownLatch busy = new CountDownLatch(1);
      cart.executor.execute(() -> awaitQuietly(busy));
      BlockingQueue<X509Context> calls = new LinkedBlockingQueue<>();

      cart.source.onUpdate(calls::add).close();
      busy.countDown();
      X509Svid second = SHOP.svid(CART);
      stream.send(SHOP.message(second));
      cart.awaitSerial(second.serial());
      BlockingQueue<X509Context> later = new LinkedBlockingQueue<>();
      cart.source.onUpdate(later::add);
      X509Context unused = Eventually.next("a later listener's turn", later);

      assertThat(calls).isEmpty();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      assertThat(latch.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void listenerThatFails_harmsNobodyElse() throws InterruptedException {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      BlockingQueue<X509Context> updates = new LinkedBlockingQueue<>();
      cart.source.onUpdate(context -> {
        throw new IllegalStateException("a fault of the application");
      });
      cart.source.onUpdate(updates::add);

      FakeWorkloadApi.Stream stream = cart.identify(SHOP.message(CART));
      Eventually.next("the first", updates);
      stream.send(SHOP.message(CART));
      Eventually.next("the second", updates);

      assertThat(cart.status().state()).isEqualTo(State.READY);
    }
  }

  @Test
  void closedSource_dropsItsStreamItsKeyAndItsThreads() throws InterruptedException {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      FakeWorkloadApi.Stream stream = cart.identify(SHOP.message(CART));

      cart.source.close();
      cart.source.close();

      assertThat(cart.status().state()).isEqualTo(State.CLOSED);
      assertThat(cart.status().id()).isEmpty();
      assertThatThrownBy(cart.source::context)
          .isInstanceOf(SvidUnavailableException.class)
          .hasMessageContaining("CLOSED");
      assertThatThrownBy(() -> cart.source.await(Eventually.LIMIT))
          .isInstanceOf(SvidUnavailableException.class);
      stream.awaitGone();
      assertThat(cart.executor.awaitTermination(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS))
          .isTrue();
      cart.source.onUpdate(context -> {}).close();
    }
  }

  @Test
  void closingInAListener_isFine() throws InterruptedException {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      cart.source.onUpdate(context -> cart.source.close());
      cart.api.nextStream().send(SHOP.message(CART));

      assertThat(cart.executor.awaitTermination(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS))
          .isTrue();
    }
  }

  @Test
  void tcpEndpoint_servesAsWell() throws InterruptedException {
    try (FakeWorkloadApi api = FakeWorkloadApi.startTcp();
        X509Source source =
            X509Source.start(
                api.endpoint(),
                TestWorkload.runtime(
                    new SettableClock(TestWorkload.NOW), new ImpatientExecutor()))) {
      api.nextStream().send(SHOP.message(CART));

      assertThat(source.await(Eventually.LIMIT).svid().id().path()).isEqualTo(CART);
    }
  }

  @Test
  void sourceAndStatusInText_showNoKey() throws InterruptedException {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      cart.identify(SHOP.message(CART));

      assertThat(cart.source.context().toString() + cart.status())
          .contains("spiffe://shop.example/ns/shop/sa/cart")
          .doesNotContainIgnoringCase("private")
          .doesNotContain("S=");
    }
  }
}
