package dev.signet.ca.adapter.kubernetes;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.signet.ca.TestAuthority;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An HTTPS server on which a test puts canned answers of the Kubernetes API, and troubles. */
public final class FakeApiServer implements AutoCloseable {
  /** What was asked. */
  public record Request(String method, URI uri, String accept, String auth, String body) {}

  /** Answers a request; whatever it does not write is closed off. */
  public interface Handler {
    void handle(HttpExchange exchange, Request request) throws IOException, InterruptedException;
  }

  public final List<Request> requests = new CopyOnWriteArrayList<>();
  private final Map<String, Handler> handlers = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final HttpsServer server;
  private final X509Certificate certificate;

  public FakeApiServer() {
    try {
      KeyPair keys = TestAuthority.keys();
      certificate = selfSigned(keys);
      server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
      server.setHttpsConfigurator(new HttpsConfigurator(tls(keys)));
      server.setExecutor(threads);
      server.createContext("/", this::dispatch);
      server.start();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Sets what answers {@code METHOD /path}; of pods, {@code watch} and {@code list} apart. */
  public FakeApiServer on(String what, Handler handler) {
    handlers.put(what, handler);
    return this;
  }

  public static Handler json(int status, String body) {
    return (exchange, _) -> send(exchange, status, body);
  }

  public static Handler status(int status, String retryAfter) {
    return (exchange, _) -> {
      exchange.getResponseHeaders().set("Retry-After", retryAfter);
      send(exchange, status, "{\"kind\":\"Status\",\"status\":\"Failure\"}");
    };
  }

  /** Takes the request and never answers. */
  public Handler silence() {
    return (_, _) -> closed.await();
  }

  /** Closes the connection in place of an answer. */
  public static Handler hangUp() {
    return (exchange, _) -> exchange.close();
  }

  /** A watch whose lines a test puts into a queue; {@link #END} ends it. */
  public Handler watch(BlockingQueue<String> lines) {
    return (exchange, _) -> {
      exchange.sendResponseHeaders(200, 0);
      OutputStream out = exchange.getResponseBody();
      out.flush();
      for (String line = lines.take(); !line.equals(END); line = lines.take()) {
        out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
      }
    };
  }

  public static final String END = "END";

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private void dispatch(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    Request request =
        new Request(
            exchange.getRequestMethod(),
            exchange.getRequestURI(),
            header(exchange, "Accept"),
            header(exchange, "Authorization"),
            body);
    requests.add(request);
    synchronized (unclaimed) {
      unclaimed.add(request);
      unclaimed.notifyAll();
    }
    try (exchange) {
      handlers.getOrDefault(key(request), json(404, "{}")).handle(exchange, request);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final List<Request> unclaimed = new ArrayList<>();

  /** Waits for a request that fits and that no earlier call has waited for. */
  public Request await(Predicate<Request> wanted) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    synchronized (unclaimed) {
      while (true) {
        Optional<Request> found = unclaimed.stream().filter(wanted).findFirst();
        if (found.isPresent()) {
          unclaimed.remove(found.get());
          return found.get();
        }
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
          throw new AssertionError("no such request; there were " + requests.size());
        }
        unclaimed.wait(left);
      }
    }
  }

  private static String header(HttpExchange exchange, String name) {
    return Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst(name), "");
  }

  static String key(Request request) {
    String query = Objects.requireNonNullElse(request.uri().getQuery(), "");
    if (request.uri().getPath().equals("/api/v1/pods")) {
      String selector =
          query.contains("Succeeded") ? " succeeded" : query.contains("Failed") ? " failed" : "";
      return (query.contains("watch=true") ? "watch" : "list") + selector;
    }
    return request.method() + " " + request.uri().getPath();
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** What this server is verified with. */
  String certificatePem() throws CertificateEncodingException {
    return "-----BEGIN CERTIFICATE-----\n"
        + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
        + "\n-----END CERTIFICATE-----\n";
  }

  /** Writes a kubeconfig for this server. */
  public Path kubeconfig(Path folder) {
    return kubeconfig(folder, "https://127.0.0.1:" + port(), "");
  }

  Path kubeconfig(Path folder, String address, String more) {
    try {
      String ca =
          Base64.getEncoder().encodeToString(certificatePem().getBytes(StandardCharsets.US_ASCII));
      return Files.writeString(
          folder.resolve("kubeconfig"),
          """
          apiVersion: v1
          kind: Config
          clusters:
          - name: c
            cluster: {server: "%s", certificate-authority-data: "%s"%s}
          users:
          - name: u
            user: {token: the-cas-own-token}
          contexts:
          - name: x
            context: {cluster: c, user: u}
          current-context: x
          """
              .formatted(address, ca, more));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private SSLContext tls(KeyPair keys) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("k", keys.getPrivate(), new char[0], new X509Certificate[] {certificate});
    KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
    factory.init(store, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    return context;
  }

  private static X509Certificate selfSigned(KeyPair keys) throws Exception {
    X500Name name = new X500Name("CN=fake-api");
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            name,
            BigInteger.ONE,
            Date.from(Instant.EPOCH),
            Date.from(Instant.parse("2096-01-01T00:00:00Z")),
            name,
            keys.getPublic());
    builder
        .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
        .addExtension(
            Extension.subjectAlternativeName,
            false,
            new GeneralNames(new GeneralName(GeneralName.iPAddress, "127.0.0.1")));
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
