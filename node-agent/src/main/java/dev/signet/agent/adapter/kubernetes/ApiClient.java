package dev.signet.agent.adapter.kubernetes;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Collection;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP client that trusts what the cluster's CA file holds now, and the agent's credentials as
 * their file has them now: kubelet swaps both. Thread-safe.
 */
final class ApiClient implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(3);
  private static final int MAX_CA_FILE = 1024 * 1024;
  private static final int MAX_TOKEN = 16 * 1024;
  private static final Pattern BEARER = Pattern.compile("[A-Za-z0-9._~+/-]+=*");

  private final ApiSettings settings;
  private @Nullable Trusting current;
  private boolean closed;

  private record Trusting(String pem, HttpClient http) {}

  ApiClient(ApiSettings settings) {
    this.settings = settings;
  }

  /**
   * The client for now.
   *
   * @throws IOException saying which file is wrong and how
   */
  synchronized HttpClient http() throws IOException {
    if (closed) {
      throw new IOException("the agent is stopping");
    }
    String pem = read(settings.caFile(), MAX_CA_FILE);
    Trusting held = current;
    if (held != null && held.pem().equals(pem)) {
      return held.http();
    }
    HttpClient fresh = client(pem);
    current = new Trusting(pem, fresh);
    if (held != null) {
      held.http().shutdown();
    }
    return fresh;
  }

  /** The value of the Authorization header for now: a secret. */
  String authorization() throws IOException {
    String token = read(settings.tokenFile(), MAX_TOKEN).strip();
    if (!BEARER.matcher(token).matches()) {
      throw new IOException(settings.tokenFile() + " holds no bearer token");
    }
    return "Bearer " + token;
  }

  private HttpClient client(String pem) throws IOException {
    return HttpClient.newBuilder()
        // Each call has a connection to itself, and one that is given up takes its connection with
        // it: over HTTP/2 all would wait on one whose peer is gone without a word.
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(CONNECT)
        // Tokens go to the API server and nowhere else.
        .followRedirects(HttpClient.Redirect.NEVER)
        .proxy(HttpClient.Builder.NO_PROXY)
        .sslContext(trusting(pem))
        .build();
  }

  private SSLContext trusting(String pem) throws IOException {
    try {
      Collection<? extends Certificate> authorities =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)));
      if (authorities.isEmpty()) {
        throw new CertificateException("no certificate in it");
      }
      KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
      anchors.load(null, null);
      for (Certificate authority : authorities) {
        anchors.setCertificateEntry("ca-" + anchors.size(), authority);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(anchors);
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(null, trust.getTrustManagers(), null);
      return tls;
    } catch (GeneralSecurityException e) {
      throw new IOException(
          settings.caFile() + " holds no certificates to verify the API server with", e);
    }
  }

  private static String read(Path file, int limit) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(limit + 1);
      if (bytes.length > limit) {
        throw new IOException(file + " is larger than " + limit + " bytes");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (FileSystemException e) {
      throw new IOException(file + " cannot be read: " + e.getClass().getSimpleName(), e);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (current != null) {
      current.http().shutdownNow();
      current = null;
    }
  }
}
