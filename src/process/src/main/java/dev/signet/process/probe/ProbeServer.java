package dev.signet.process.probe;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.signet.process.StartRefusedException;
import dev.signet.process.message.Printable;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plain HTTP for kubelet, Prometheus and people: {@code GET /livez}, {@code /readyz}, {@code
 * /metrics}, nothing else.
 *
 * <p>{@code /livez} answers 200 as long as the process can answer at all. It asks for nothing: a
 * process that is restarted because a store or an API server is away only adds to the outage.
 * {@code /readyz} is 200 or 503, with one line a condition.
 *
 * <p>Bounded: a fixed number of connections, each with a short time to say what it wants, small
 * headers. No request body is read. Thread-safe.
 */
public final class ProbeServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ProbeServer.class);
  private static final int BACKLOG = 64;
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  // The JDK's server takes its limits from properties, once in a JVM, and has none by itself.
  private static final Map<String, String> LIMITS =
      Map.of(
          "jdk.httpserver.maxConnections", "128",
          "sun.net.httpserver.maxReqTime", "5",
          "sun.net.httpserver.maxReqHeaders", "64",
          "sun.net.httpserver.maxReqHeaderSize", "16384",
          "sun.net.httpserver.drainAmount", "4096");

  private final HttpServer server;
  private final ExecutorService executor;

  private ProbeServer(HttpServer server, ExecutorService executor) {
    this.server = server;
    this.executor = executor;
  }

  /**
   * Listens at once.
   *
   * @param address port 0 for any free one
   * @throws StartRefusedException where the address cannot be had
   */
  public static ProbeServer start(
      InetSocketAddress address, Readiness readiness, PrometheusMeterRegistry metrics)
      throws IOException, StartRefusedException {
    LIMITS.forEach((key, value) -> System.getProperties().putIfAbsent(key, value));
    HttpServer server;
    try {
      server = HttpServer.create(address, BACKLOG);
    } catch (BindException e) {
      String where = address.getHostString() + ":" + address.getPort();
      throw new StartRefusedException(
          "cannot listen on "
              + where
              + " for probes: "
              + e.getMessage()
              + "; stop what listens there, or configure another address",
          e);
    }
    ExecutorService executor =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("probe-", 0).factory());
    server.setExecutor(executor);
    server.createContext("/", exchange -> handle(exchange, readiness, metrics));
    server.start();
    log.info("probes on {}", server.getAddress());
    return new ProbeServer(server, executor);
  }

  /** Where it listens, with the port that was chosen. */
  public InetSocketAddress address() {
    return server.getAddress();
  }

  /** Stops at once; requests under way are cut off. */
  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }

  private static void handle(
      HttpExchange exchange, Readiness readiness, PrometheusMeterRegistry metrics)
      throws IOException {
    try (exchange) {
      if (!exchange.getRequestMethod().equals("GET")) {
        exchange.getResponseHeaders().set("Allow", "GET");
        send(exchange, 405, TEXT, "only GET\n");
        return;
      }
      switch (exchange.getRequestURI().getPath()) {
        case "/livez" -> send(exchange, 200, TEXT, "alive\n");
        case "/readyz" -> sendReadiness(exchange, readiness);
        case "/metrics" -> send(exchange, 200, PROMETHEUS, metrics.scrape());
        default -> send(exchange, 404, TEXT, "try /livez, /readyz or /metrics\n");
      }
    }
  }

  private static void sendReadiness(HttpExchange exchange, Readiness readiness) throws IOException {
    boolean ready = readiness.ready();
    StringBuilder body = new StringBuilder(ready ? "ready\n" : "not ready\n");
    for (Readiness.State state : readiness.states()) {
      body.append(state.ready() ? "[+] " : "[-] ").append(state.name());
      state.reason().ifPresent(reason -> body.append(": ").append(Printable.line(reason)));
      body.append('\n');
    }
    send(exchange, ready ? 200 : 503, TEXT, body.toString());
  }

  private static void send(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    // A HEAD answer has no body: -1 tells the server so.
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, head ? -1 : bytes.length);
    if (!head) {
      exchange.getResponseBody().write(bytes);
    }
  }
}
