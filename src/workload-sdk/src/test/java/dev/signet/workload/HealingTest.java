package dev.signet.workload;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.signet.proto.spiffe.X509SVIDResponse;
import dev.signet.spiffe.X509Svid;
import dev.signet.workload.SourceStatus.Kind;
import dev.signet.workload.SourceStatus.State;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing that the other end does is the end of a source. */
class HealingTest {

  private static final TestCa SHOP = new TestCa("shop.example", TestWorkload.NOW);
  private static final String CART = "/ns/shop/sa/cart";

  @TempDir Path folder;
  private Path socket = Path.of("unset");

  @BeforeEach
  void chooseSocket() {
    socket = folder.resolve("api.sock");
  }

  @Test
  void socketThatAppearsLater_isFound() throws InterruptedException {
    ImpatientExecutor executor = new ImpatientExecutor();
    try (X509Source source =
        X509Source.start(
            WorkloadApiEndpoint.parse("unix://" + socket),
            TestWorkload.runtime(new SettableClock(TestWorkload.NOW), executor))) {
      for (int i = 0; i < 10; i++) {
        executor.nextWait();
      }
      assertThat(source.status().state()).isEqualTo(State.WAITING);
      assertThat(source.status().problem().orElseThrow().kind()).isEqualTo(Kind.UNAVAILABLE);

      try (FakeWorkloadApi api = FakeWorkloadApi.start(socket)) {
        api.nextStream().send(SHOP.message(CART));

        assertThat(source.await(Eventually.LIMIT).svid().id().path()).isEqualTo(CART);
        assertThat(source.status().state()).isEqualTo(State.READY);
        assertThat(source.status().problem()).isEmpty();
      }
    }
  }

  @Test
  void agentThatRestarts_isFoundAgain_andTheSvidIsKeptMeanwhile() throws InterruptedException {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      X509Svid held = SHOP.svid(CART);
      cart.identify(SHOP.message(held));
      for (int i = 0; i < 3; i++) {
        cart.api.stop();
        cart.awaitState(State.DEGRADED);
        assertThat(cart.source.context().svid().leaf()).isEqualTo(held.leaf());

        cart.api.restart();
        held = SHOP.svid(CART);
        cart.api.nextStream().send(SHOP.message(held));
        cart.awaitSerial(held.serial());
        assertThat(cart.status().state()).isEqualTo(State.READY);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Status.Code.class)
  void streamThatEndsWithAnyCode_isOpenedAgain_andTheSvidIsKeptMeanwhile(Status.Code code)
      throws InterruptedException {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      X509Svid first = SHOP.svid(CART);
      FakeWorkloadApi.Stream stream = cart.identify(SHOP.message(first));

      stream.end(code.toStatus());
      FakeWorkloadApi.Stream again = cart.api.nextStream();

      assertThat(cart.status().state()).isEqualTo(State.DEGRADED);
      assertThat(cart.status().problem().orElseThrow().detail()).startsWith(code.name());
      assertThat(cart.source.context().svid().leaf()).isEqualTo(first.leaf());
      assertThat(cart.status().discardedMessages()).isZero();

      X509Svid second = SHOP.svid(CART);
      again.send(SHOP.message(second));
      cart.awaitSerial(second.serial());
      assertThat(cart.status().state()).isEqualTo(State.READY);
    }
  }

  @ParameterizedTest
  @EnumSource(Status.Code.class)
  void beforeTheFirstSvid_anyCodeIsOnlyNotYet(Status.Code code) throws InterruptedException {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      for (int i = 0; i < 4; i++) {
        cart.api.nextStream().end(code.toStatus());
      }
      FakeWorkloadApi.Stream stream = cart.api.nextStream();
      assertThat(cart.status().state()).isEqualTo(State.WAITING);

      stream.send(SHOP.message(CART));

      assertThat(cart.source.await(Eventually.LIMIT).svid().id().path()).isEqualTo(CART);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"INVALID_ARGUMENT", "UNIMPLEMENTED"})
  void w13W16AnswerNotToBeRetried_isRetriedSeldom(Status.Code code) throws InterruptedException {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      for (int i = 0; i < 3; i++) {
        cart.api.nextStream().end(code.toStatus());
        assertThat(cart.executor.nextWait())
            .isBetween(Duration.ofSeconds(30), Duration.ofMinutes(1));
      }
      assertThat(cart.status().problem().orElseThrow().kind()).isEqualTo(Kind.UNSUPPORTED);
    }
  }

  @Test
  void w21StreamThatWorked_isOpenedAgainAtOnce_thenWithGrowingWaits() throws InterruptedException {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      cart.identify(SHOP.message(CART)).end(Status.UNAVAILABLE);
      cart.api.nextStream().end(Status.UNAVAILABLE);

      assertThat(cart.executor.nextWait()).isLessThanOrEqualTo(Duration.ofMillis(100));
      for (int i = 0; i < 20; i++) {
        cart.api.nextStream().end(Status.UNAVAILABLE);
        assertThat(cart.executor.nextWait()).isLessThanOrEqualTo(Duration.ofSeconds(10));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PERMISSION_DENIED", "UNAUTHENTICATED"})
  void w15Refusal_isAState_andALaterGrantHeals(Status.Code code) throws InterruptedException {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      cart.api.nextStream().end(code.toStatus().withDescription("NOT_ALLOWED"));
      FakeWorkloadApi.Stream stream = cart.api.nextStream();

      assertThat(cart.status().problem())
          .contains(new SourceStatus.Problem(Kind.REFUSED, code + ": NOT_ALLOWED"));

      stream.send(SHOP.message(CART));
      cart.awaitState(State.READY);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void messageThatDoesNotParse_isCounted_andTheLastGoodOneKept(boolean hadOne)
      throws InterruptedException {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      X509Svid first = SHOP.svid(CART);
      FakeWorkloadApi.Stream stream =
          hadOne ? cart.identify(SHOP.message(first)) : cart.api.nextStream();

      stream.sendBytes(new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff, 7});
      FakeWorkloadApi.Stream again = cart.api.nextStream();

      assertThat(cart.status().state()).isEqualTo(hadOne ? State.DEGRADED : State.WAITING);
      assertThat(cart.status().problem().orElseThrow().kind()).isEqualTo(Kind.INVALID_MESSAGE);
      assertThat(cart.status().discardedMessages()).isEqualTo(1);
      if (hadOne) {
        assertThat(cart.source.context().svid().leaf()).isEqualTo(first.leaf());
      }

      X509Svid second = SHOP.svid(CART);
      again.send(SHOP.message(second));
      cart.awaitState(State.READY);
      cart.awaitSerial(second.serial());
      assertThat(cart.status().discardedMessages()).isEqualTo(1);
    }
  }

  @Test
  void w27MessageThatBreaksARule_isCounted_andTheStreamGoesOn() throws InterruptedException {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      X509Svid first = SHOP.svid(CART);
      FakeWorkloadApi.Stream stream = cart.identify(SHOP.message(first));

      stream.send(X509SVIDResponse.getDefaultInstance());
      cart.awaitState(State.DEGRADED);

      assertThat(cart.status().problem().orElseThrow().kind()).isEqualTo(Kind.INVALID_MESSAGE);
      assertThat(cart.status().discardedMessages()).isEqualTo(1);
      assertThat(cart.source.context().svid().leaf()).isEqualTo(first.leaf());

      X509Svid second = SHOP.svid(CART);
      stream.send(SHOP.message(second));
      cart.awaitSerial(second.serial());
      assertThat(cart.status().state()).isEqualTo(State.READY);
      assertThat(cart.api.hasStream()).isFalse();
    }
  }

  @Test
  void messageAboveFourMebibytes_isRefusedByName_andTheNextOneHeals() throws InterruptedException {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      X509Svid first = SHOP.svid(CART);
      FakeWorkloadApi.Stream stream = cart.identify(SHOP.message(first));

      stream.send(
          SHOP.message(CART).toBuilder()
              .addCrl(ByteString.copyFrom(new byte[WorkloadApiTransport.MAX_MESSAGE_BYTES]))
              .build());
      FakeWorkloadApi.Stream again = cart.api.nextStream();

      assertThat(cart.status().state()).isEqualTo(State.DEGRADED);
      assertThat(cart.status().problem().orElseThrow().detail())
          .contains("RESOURCE_EXHAUSTED", "4194304");
      assertThat(cart.source.context().svid().leaf()).isEqualTo(first.leaf());

      again.send(
          SHOP.message(CART).toBuilder()
              .addCrl(ByteString.copyFrom(new byte[WorkloadApiTransport.MAX_MESSAGE_BYTES - 9000]))
              .build());
      cart.awaitState(State.READY);
    }
  }

  @Test
  void statusTextOfAServer_isBoundedAndFreeOfControlCharacters() throws InterruptedException {
    try (TestWorkload cart = TestWorkload.waiting(socket)) {
      cart.api
          .nextStream()
          .end(Status.UNAVAILABLE.withDescription("x\nINFO forged" + "y".repeat(3000)));
      FakeWorkloadApi.Stream unused = cart.api.nextStream();

      assertThat(cart.status().problem().orElseThrow().detail())
          .doesNotContain("\n")
          .hasSizeLessThan(500);
    }
  }
}
