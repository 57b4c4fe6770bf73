package dev.signet.process.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {
  private static final Duration MAX = Duration.ofDays(1000);

  @ParameterizedTest
  @CsvSource({"0s,PT0S", "500ms,PT0.5S", "90s,PT1M30S", "5m,PT5M", "24h,PT24H", "7d,PT168H"})
  void duration_isRead(String text, Duration expected) {
    assertThat(Durations.parse(text, Duration.ZERO, MAX)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "5",
        "-5m",
        "+5m",
        "5 m",
        "1.5h",
        "5M",
        "5min",
        "PT5M",
        "9999999999s",
        "٥m",
        "1h30m"
      })
  void otherDuration_isRefused(String text) {
    assertThatThrownBy(() -> Durations.parse(text, Duration.ZERO, MAX))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("write a whole number and ms, s, m, h or d");
  }

  @ParameterizedTest
  @CsvSource({
    "PT0S,0s",
    "PT0.25S,250ms",
    "PT10S,10s",
    "PT90S,90s",
    "PT5M,5m",
    "PT1H,1h",
    "PT90M,90m",
    "PT48H,2d"
  })
  void duration_isPrintedShort(Duration value, String expected) {
    assertThat(Durations.print(value)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:8443,127.0.0.1,8443",
    "0.0.0.0:0,0.0.0.0,0",
    "[::1]:65535,0:0:0:0:0:0:0:1,65535",
  })
  void listenAddress_isRead(String text, String host, int port) {
    InetSocketAddress address = ListenAddress.parse(text);
    assertThat(address.getAddress().getHostAddress()).isEqualTo(host);
    assertThat(address.getPort()).isEqualTo(port);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", ":", "8443", ":8443", "localhost:8443", "127.0.0.1", "127.0.0.1:", "127.0.0.1:-1",
            "127.0.0.1:65536",
        "127.0.0.1:99999999999", "127.1:80", "1:80", "::1:80", "[::1]", "[::1]:", "[127.0.0.1]:80",
            "[]:80", "256.0.0.1:80",
        "127.0.0.1:http", " 127.0.0.1:80", "0x7f.0.0.1:80"
      })
  void otherListenAddress_isRefused(String text) {
    assertThatThrownBy(() -> ListenAddress.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("write IP:PORT");
  }
}
