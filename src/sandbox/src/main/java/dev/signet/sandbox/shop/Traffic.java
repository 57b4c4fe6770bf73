package dev.signet.sandbox.shop;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Calls without a pause: by turns on one connection that stays open and on a new connection each.
 * Nothing is tried twice; every failure counts. The facts may be read from any thread.
 */
final class Traffic implements AutoCloseable {
  private static final Duration PACE = Duration.ofMillis(25);

  /** How a connection is made. */
  @FunctionalInterface
  interface Connector {
    ShopConnection connect() throws IOException;
  }

  private final Connector connector;
  private final ScheduledExecutorService pulse =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("traffic").factory());
  private final AtomicLong calls = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong liveCalls = new AtomicLong();
  private final AtomicLong liveConnections = new AtomicLong();
  private final AtomicReference<@Nullable String> firstFailure = new AtomicReference<>();
  private final Set<String> ownSerials = ConcurrentHashMap.newKeySet();
  private final Set<String> serverSerials = ConcurrentHashMap.newKeySet();
  private @Nullable ShopConnection live;

  Traffic(Connector connector) {
    this.connector = connector;
  }

  void start() {
    var _ = pulse.scheduleAtFixedRate(this::once, 0, PACE.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void once() {
    boolean onLive = calls.getAndIncrement() % 2 == 0;
    try {
      if (onLive) {
        callOnLive();
      } else {
        try (ShopConnection fresh = connect()) {
          call(fresh);
        }
      }
    } catch (IOException | RuntimeException e) {
      failed.incrementAndGet();
      firstFailure.compareAndSet(null, Reasons.of(e));
      if (onLive) {
        dropLive();
      }
    }
  }

  private void dropLive() {
    try (ShopConnection _ = live) {
      live = null;
    } catch (IOException e) {
      // It is broken already, which has been counted.
    }
  }

  private void callOnLive() throws IOException {
    ShopConnection open = live;
    if (open == null) {
      open = connect();
      live = open;
      liveConnections.incrementAndGet();
    }
    call(open);
    liveCalls.incrementAndGet();
  }

  private ShopConnection connect() throws IOException {
    ShopConnection connection = connector.connect();
    ownSerials.add(connection.ownSerial());
    serverSerials.add(connection.serverSerial());
    return connection;
  }

  private static void call(ShopConnection connection) throws IOException {
    int status = connection.get("/").status();
    if (status != 200) {
      throw new IOException("the answer was " + status);
    }
  }

  /**
   * What there is to tell: {@code calls}, {@code failed}, {@code first-failure}, {@code live-calls}
   * and {@code live-connections} of the one that stays open, and how many SVIDs were presented by
   * either end: {@code own-svids}, {@code server-svids}.
   */
  Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("calls", calls.toString());
    facts.put("failed", failed.toString());
    Optional.ofNullable(firstFailure.get()).ifPresent(text -> facts.put("first-failure", text));
    facts.put("live-calls", liveCalls.toString());
    facts.put("live-connections", liveConnections.toString());
    facts.put("own-svids", Integer.toString(ownSerials.size()));
    facts.put("server-svids", Integer.toString(serverSerials.size()));
    return facts;
  }

  @Override
  public void close() {
    pulse.shutdownNow();
  }
}
