package dev.signet.workload;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.google.protobuf.ByteString;
import dev.signet.proto.spiffe.X509SVIDResponse;
import dev.signet.spiffe.X509Svid;
import dev.signet.workload.SourceStatus.State;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A change of state is logged once; nothing that is logged holds a key. */
class SourceLogTest {

  private static final TestCa SHOP = new TestCa("shop.example", TestWorkload.NOW);
  private static final String CART = "/ns/shop/sa/cart";

  private final Logger logger = (Logger) LoggerFactory.getLogger("dev.signet.workload");
  private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          events.add(event);
        }
      };

  private final TestWorkload cart;

  SourceLogTest(@TempDir Path folder) {
    cart = TestWorkload.waiting(folder.resolve("cart.sock"));
  }

  @BeforeEach
  void listen() {
    appender.start();
    logger.setLevel(Level.TRACE);
    logger.setAdditive(false);
    logger.addAppender(appender);
  }

  @AfterEach
  void close() {
    logger.detachAppender(appender);
    logger.setAdditive(true);
    logger.setLevel(Level.OFF);
    cart.close();
  }

  private List<String> lines(Level level) {
    return events.stream()
        .filter(event -> event.getLevel().equals(level))
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  @Test
  void troubleThatLasts_isSaidOnce_andItsEndOnce() throws InterruptedException {
    X509SVIDResponse message = SHOP.message(CART);
    FakeWorkloadApi.Stream stream = cart.identify(message);
    for (int i = 0; i < 30; i++) {
      stream.end(Status.UNAVAILABLE.withDescription("try " + i));
      stream = cart.api.nextStream();
    }
    stream.send(message);
    cart.awaitState(State.READY);

    assertThat(lines(Level.WARN)).singleElement().asString().contains("DEGRADED", "try 0");
    Eventually.until("both are said", () -> lines(Level.INFO).size() == 2);
    assertThat(lines(Level.INFO).get(0)).contains("spiffe://shop.example" + CART, "in use");
    assertThat(lines(Level.INFO).get(1)).contains("is back");
    assertThat(lines(Level.ERROR)).isEmpty();
  }

  @Test
  void otherTrouble_isSaidAnew() throws InterruptedException {
    cart.api.nextStream().end(Status.UNAVAILABLE);
    cart.api.nextStream().end(Status.UNAVAILABLE);
    cart.api.nextStream().end(Status.PERMISSION_DENIED);
    cart.api.nextStream().end(Status.UNIMPLEMENTED);
    assertThat(cart.api.nextStream()).isNotNull();

    assertThat(lines(Level.WARN)).hasSize(3);
    assertThat(lines(Level.WARN).get(1)).contains("WAITING", "REFUSED");
  }

  @Test
  void endOfAnSvid_isSaidWhenItHappens() throws InterruptedException {
    cart.identify(SHOP.message(CART));
    cart.executor.awaitPostponed();
    cart.clock.advance(Duration.ofHours(2));
    cart.executor.runPostponed();

    Eventually.until("it is said", () -> !lines(Level.ERROR).isEmpty());
    assertThat(lines(Level.ERROR)).singleElement().asString().contains("EXPIRED");
  }

  @Test
  void endOfAnSvidThatWasReplaced_isNotSaid() throws InterruptedException {
    cart.identify(SHOP.message(CART));
    cart.executor.awaitPostponed();
    cart.clock.advance(Duration.ofHours(2));
    cart.update(new TestCa("shop.example", cart.clock.instant()).message(CART));
    cart.executor.runPostponed();
    cart.update(new TestCa("shop.example", cart.clock.instant()).message(CART));

    assertThat(lines(Level.ERROR)).isEmpty();
  }

  @Test
  void t22AgentThatGoesBackToAnOlderBundle_isAnAlarm() throws InterruptedException {
    AtomicLong revision = new AtomicLong(9);
    cart.api.onAcknowledge(request -> revision.getAndDecrement());
    cart.identify(SHOP.message(CART));
    Eventually.until(
        "the first is known", () -> cart.status().acknowledgedRevision().orElse(0) == 9);

    cart.update(SHOP.message(CART));

    Eventually.until("it is said", () -> !lines(Level.WARN).isEmpty());
    assertThat(lines(Level.WARN)).singleElement().asString().contains("from", "9", "8");
  }

  @Test
  void nothingLogged_holdsAKey() throws InterruptedException {
    X509Svid svid = SHOP.svid(CART);
    X509SVIDResponse good = SHOP.message(svid);
    FakeWorkloadApi.Stream stream = cart.identify(good);
    stream.send(
        good.toBuilder()
            .setSvids(0, good.getSvids(0).toBuilder().setX509Svid(ByteString.copyFromUtf8("x")))
            .build());
    cart.awaitState(State.DEGRADED);
    stream.sendBytes(good.getSvids(0).getX509SvidKey().toByteArray());
    assertThat(cart.api.nextStream()).isNotNull();

    byte[] secret = svid.privateKey().getEncoded();
    byte[] part = Arrays.copyOfRange(secret, secret.length / 2, secret.length / 2 + 12);
    for (ILoggingEvent event : events) {
      assertThat(event.getFormattedMessage())
          .doesNotContain(Base64.getEncoder().encodeToString(part).substring(0, 14))
          .doesNotContainIgnoringCase(HexFormat.of().formatHex(part))
          .doesNotContainIgnoringCase("PRIVATE KEY");
    }
    assertThat(events).isNotEmpty();
  }
}
