package dev.signet.process.probe;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.process.StartRefusedException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Over real sockets. */
@Timeout(60)
class ProbeServerTest {
  private static final InetSocketAddress ANY =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final Readiness readiness = new Readiness();
  private final ProcessMetrics metrics = new ProcessMetrics();
  private final HttpClient client = HttpClient.newHttpClient();
  private ProbeServer server;

  @BeforeEach
  void start() throws Exception {
    server = ProbeServer.start(ANY, readiness, metrics.registry());
  }

  @AfterEach
  void stop() {
    server.close();
    metrics.close();
    client.close();
  }

  private HttpResponse<String> send(String method, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + path);
    return client.send(
        HttpRequest.newBuilder(uri).method(method, BodyPublishers.noBody()).build(),
        BodyHandlers.ofString());
  }

  @Test
  void livez_doesNotDependOnReadiness() throws Exception {
    readiness.condition("store", "unreachable");
    assertThat(send("GET", "/livez").statusCode()).isEqualTo(200);
    assertThat(send("GET", "/readyz").statusCode()).isEqualTo(503);
  }

  @Test
  void readyz_namesEachConditionWithItsReason() throws Exception {
    Readiness.Condition store = readiness.condition("store", "opening\u001b[31m");
    readiness.condition("root", "").ready();
    HttpResponse<String> before = send("GET", "/readyz");
    assertThat(before.statusCode()).isEqualTo(503);
    assertThat(before.body()).isEqualTo("not ready\n[-] store: opening\\u{1b}[31m\n[+] root\n");
    store.ready();
    HttpResponse<String> after = send("GET", "/readyz?verbose");
    assertThat(after.statusCode()).isEqualTo(200);
    assertThat(after.body()).isEqualTo("ready\n[+] store\n[+] root\n");
  }

  @Test
  void metrics_arePrometheusText() throws Exception {
    metrics.registry().counter("signet.issue", "result", "granted").increment();
    HttpResponse<String> response = send("GET", "/metrics");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type"))
        .contains("text/plain; version=0.0.4; charset=utf-8");
    assertThat(response.body())
        .contains("signet_issue_total{result=\"granted\"} 1.0")
        .contains("jvm_memory_used_bytes")
        .contains("process_files_open_files");
  }

  @ParameterizedTest
  @ValueSource(strings = {"HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"})
  void otherMethod_isRefused(String method) throws Exception {
    HttpResponse<String> response = send(method, "/livez");
    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.headers().firstValue("Allow")).contains("GET");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/livez/", "/livezz", "/metrics/../livez", "/%6civez/..", "//livez"})
  void otherPath_isNotFound(String path) throws Exception {
    assertThat(send("GET", path).statusCode()).isEqualTo(404);
  }

  @Test
  void clientsThatNeverFinishTheirRequest_holdUpNobody() throws Exception {
    List<Socket> idle = new ArrayList<>();
    try {
      for (int i = 0; i < 60; i++) {
        Socket socket = new Socket(server.address().getAddress(), server.address().getPort());
        idle.add(socket);
        socket.getOutputStream().write("GET /livez HTTP/1.1\r\nX: ".getBytes(US_ASCII));
      }
      assertThat(send("GET", "/livez").statusCode()).isEqualTo(200);
    } finally {
      for (Socket socket : idle) {
        socket.close();
      }
    }
  }

  @Test
  void clientThatNeverFinishesItsRequest_isCutOff() throws Exception {
    try (Socket socket = new Socket(server.address().getAddress(), server.address().getPort())) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write("GET /livez HTTP/1.1\r\nX: ".getBytes(US_ASCII));
      assertThat(socket.getInputStream().read()).as("end of stream").isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\0\0\0\0\r\n\r\n",
        "GET\r\n\r\n",
        "\u0016\u0003\u0001 hello\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost\r\n\r\n"
      })
  void otherThanHttp_endsTheConnectionAndNothingElse(String bytes) throws Exception {
    try (Socket socket = new Socket(server.address().getAddress(), server.address().getPort())) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write(bytes.getBytes(US_ASCII));
      socket.shutdownOutput();
      InputStream in = socket.getInputStream();
      assertThat(new String(in.readAllBytes(), US_ASCII)).doesNotContain("200 OK");
    }
    assertThat(send("GET", "/livez").statusCode()).isEqualTo(200);
  }

  @Test
  void addressInUse_isRefusedWithIt() {
    assertThatThrownBy(() -> ProbeServer.start(server.address(), readiness, metrics.registry()))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("127.0.0.1:" + server.address().getPort())
        .hasMessageContaining("stop what listens there");
  }

  @Test
  void closed_freesItsAddress() throws Exception {
    InetSocketAddress address = server.address();
    server.close();
    server = ProbeServer.start(address, readiness, metrics.registry());
    assertThat(send("GET", "/livez").statusCode()).isEqualTo(200);
  }
}
