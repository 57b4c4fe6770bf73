package dev.signet.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SPIFFE_Workload_Endpoint.md section 4: rules W-6 to W-9, and threat I21. */
class WorkloadApiEndpointTest {

  @ParameterizedTest
  @CsvSource({
    "unix:///run/a.sock, /run/a.sock",
    "unix:/run/a.sock, /run/a.sock",
    "UNIX:///run/a.sock, /run/a.sock",
    "unix:///spiffe-workload-api/with%20space.sock, /spiffe-workload-api/with space.sock",
  })
  void w7UnixWithAbsolutePath_isAccepted(String uri, String path) {
    assertThat(WorkloadApiEndpoint.parse(uri).address())
        .isEqualTo(UnixDomainSocketAddress.of(path));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "unix://run/a.sock",
        "unix://localhost/run/a.sock",
        "unix://user@/run/a.sock",
        "unix:a.sock",
        "unix:./a.sock",
        "unix:",
        "unix://",
        "unix:///",
        "unix:///run/folder/",
        "unix:///run/a.sock?x=1",
        "unix:///run/a.sock?",
        "unix:///run/a.sock#f",
        "unix:///run/a%00.sock",
        "unix:///run/a%0a.sock",
        "unix:///run/a b.sock",
      })
  void w7UnixWithAnythingElse_isRefusedWithTheLegalForms(String uri) {
    assertRefused(uri);
  }

  /** The platform's limit: such an address never works, so it is no outage to wait out. */
  @Test
  void unixPathThatNoSocketCanHave_isRefused() {
    String longest = "/" + "a".repeat(105);
    assertThat(WorkloadApiEndpoint.parse("unix://" + longest).toString()).endsWith(longest);
    assertRefused("unix://" + longest + "a");
    assertRefused("unix:///" + "%C3%A4".repeat(54));
  }

  @ParameterizedTest
  @CsvSource({
    "tcp://127.0.0.1:8000, 127.0.0.1, 8000",
    "tcp://[::1]:80, ::1, 80",
    "tcp://10.0.0.255:65535, 10.0.0.255, 65535",
  })
  void w8TcpWithIpAndPort_isAccepted(String uri, String host, int port) {
    assertThat(WorkloadApiEndpoint.parse(uri).address())
        .isEqualTo(new InetSocketAddress(host, port));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tcp://localhost:80",
        "tcp://name:1",
        "tcp://127.1:80",
        "tcp://127.0.0.01:80",
        "tcp://256.0.0.1:80",
        "tcp://127.0.0.1",
        "tcp://127.0.0.1:",
        "tcp://127.0.0.1:0",
        "tcp://127.0.0.1:65536",
        "tcp://127.0.0.1:-1",
        "tcp://127.0.0.1:80/",
        "tcp://127.0.0.1:80/path",
        "tcp://127.0.0.1:80?x",
        "tcp://user@127.0.0.1:80",
        "tcp://[fe80::1%25eth0]:80",
        "tcp://:80",
        "tcp:127.0.0.1:80",
        "tcp://",
      })
  void w8TcpWithAnythingElse_isRefusedWithTheLegalForms(String uri) {
    assertRefused(uri);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/run/a.sock", "http://127.0.0.1:80", "npipe:name", "", " ", "unix", "\n", "%"})
  void w9AnyOtherScheme_isRefusedWithTheLegalForms(String uri) {
    assertRefused(uri);
  }

  @Test
  void foreignValue_isBoundedAndFreeOfControlCharacters_inTheMessage() {
    assertThatThrownBy(() -> WorkloadApiEndpoint.parse("x\r\nINFO forged line" + "y".repeat(5000)))
        .isInstanceOf(InvalidEndpointException.class)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n", "\r").hasSizeLessThan(500));
  }

  @Test
  void w6Environment_namesTheEndpoint() {
    assertThat(
            WorkloadApiEndpoint.fromEnvironment(
                Map.of("SPIFFE_ENDPOINT_SOCKET", "unix:///run/a.sock")))
        .isEqualTo(WorkloadApiEndpoint.parse("unix:/run/a.sock"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void w6EnvironmentNotSet_isRefusedByTheNameOfTheVariable(boolean empty) {
    Map<String, String> environment = empty ? Map.of("SPIFFE_ENDPOINT_SOCKET", "") : Map.of();

    assertThatThrownBy(() -> WorkloadApiEndpoint.fromEnvironment(environment))
        .isInstanceOf(InvalidEndpointException.class)
        .hasMessageContaining("SPIFFE_ENDPOINT_SOCKET");
  }

  @Test
  void canonicalForm_parsesToTheSameEndpoint() {
    for (String uri : new String[] {"unix:/run/with%20space.sock", "tcp://[::1]:80"}) {
      WorkloadApiEndpoint endpoint = WorkloadApiEndpoint.parse(uri);

      assertThat(WorkloadApiEndpoint.parse(endpoint.toString()))
          .isEqualTo(endpoint)
          .hasSameHashCodeAs(endpoint);
    }
  }

  @Test
  void anyText_isAnEndpointOrRefused_andNothingElse() {
    SplittableRandom random = new SplittableRandom(21);
    String[] parts = {
      "unix:",
      "tcp:",
      "//",
      "/",
      "[",
      "]",
      ":",
      "::1",
      "127.0.0.1",
      "80",
      "%",
      "%00",
      "?",
      "#",
      "@",
      "a",
      ".",
      "\u0000",
      "\u00e9",
      " "
    };
    int accepted = 0;
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(8); n >= 0; n--) {
        text.append(parts[random.nextInt(parts.length)]);
      }
      try {
        WorkloadApiEndpoint endpoint = WorkloadApiEndpoint.parse(text.toString());
        assertThat(WorkloadApiEndpoint.parse(endpoint.toString())).isEqualTo(endpoint);
        accepted++;
      } catch (InvalidEndpointException e) {
        assertThat(e.getMessage()).contains("legal forms");
      }
    }
    assertThat(accepted).isPositive();
  }

  private static void assertRefused(String uri) {
    assertThatThrownBy(() -> WorkloadApiEndpoint.parse(uri))
        .isInstanceOf(InvalidEndpointException.class)
        .hasMessageContaining("unix:///absolute/path")
        .hasMessageContaining("tcp://IP:PORT");
  }
}
