package dev.signet.sandbox.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildIT {
  @TempDir Path elsewhere;
  private Path folder;
  private Guard guard;

  @BeforeEach
  void start() throws Exception {
    folder = Files.createDirectory(elsewhere.resolve("world"));
    guard = Guard.over(folder);
  }

  @AfterEach
  void end() {
    guard.close();
  }

  @Test
  void program_runsWithItsOwnEnvironmentAlone_andItsOutputIsInTheLog() throws Exception {
    Child child = child("env; exit 3", Map.of("SAID", "this"));

    assertThat(child.ended().get(20, TimeUnit.SECONDS)).isEqualTo(3);
    assertThat(Files.readString(child.log())).contains("SAID=this").doesNotContain("HOME=");
  }

  @Test
  void closed_endsByTerm() throws Exception {
    Child child = child("exec tail -f /dev/null");
    child.close();

    assertThat(child.ended().get(20, TimeUnit.SECONDS)).isEqualTo(128 + 15);
    assertThat(child.alive()).isFalse();
  }

  @Test
  void guardClosed_endsWhatIsLeftAndRemovesTheFolder() throws Exception {
    Child child = child("exec tail -f /dev/null");
    guard.close();

    assertThat(child.ended().get(20, TimeUnit.SECONDS)).isEqualTo(128 + 9);
    assertThat(folder).doesNotExist();
  }

  @Test
  void logsToBeKept_stay_andNothingElse() throws Exception {
    Files.createDirectory(folder.resolve("logs"));
    Files.createDirectory(folder.resolve("keys"));
    guard.keepLogs();
    guard.close();

    assertThat(folder).isDirectoryContaining("glob:**logs").isDirectoryNotContaining("glob:**keys");
  }

  @Test
  void guardClosed_nothingIsStartedAnyMore() throws Exception {
    guard.close();
    Files.createDirectory(folder);
    Path proof = folder.resolve("proof");

    assertThatThrownBy(() -> child("echo ran >" + proof)).isInstanceOf(WorldException.class);
    assertThat(proof).doesNotExist();
  }

  @Test
  void probeAnswers200AfterAWhile_waitEnds() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    HttpServer server = probe(asked, 3);
    Child child = child("exec tail -f /dev/null");
    try (ReadyProbe probe = new ReadyProbe()) {
      probe.await(child, address(server), Duration.ofSeconds(20));
    } finally {
      server.stop(0);
    }
    assertThat(asked).hasValueGreaterThanOrEqualTo(3);
  }

  @Test
  void processEndsBeforeItIsReady_saysSoAtOnce() throws Exception {
    HttpServer server = probe(new AtomicInteger(), Integer.MAX_VALUE);
    Child child = child("exit 7");
    try (ReadyProbe probe = new ReadyProbe()) {
      assertThatThrownBy(() -> probe.await(child, address(server), Duration.ofMinutes(5)))
          .isInstanceOf(WorldException.class)
          .hasMessageContaining("a child ended with 7");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void neverReady_saysWhatTheProbeSaid() throws Exception {
    HttpServer server = probe(new AtomicInteger(), Integer.MAX_VALUE);
    Child child = child("exec tail -f /dev/null");
    try (ReadyProbe probe = new ReadyProbe()) {
      assertThatThrownBy(() -> probe.await(child, address(server), Duration.ofSeconds(1)))
          .isInstanceOf(WorldException.class)
          .hasMessageContaining("not ready after 1 s (store: opening)");
    } finally {
      server.stop(0);
    }
  }

  private static HttpServer probe(AtomicInteger asked, int readyAt) throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/readyz",
        exchange -> {
          boolean ready = asked.incrementAndGet() >= readyAt;
          byte[] body = (ready ? "store: ok" : "store: opening\n").getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(ready ? 200 : 503, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static URI address(HttpServer server) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/readyz");
  }

  private Child child(String script) {
    return child(script, Map.of());
  }

  private Child child(String script, Map<String, String> environment) {
    return Child.start(
        guard,
        new Command(
            "a child", List.of("sh", "-c", script), environment, folder.resolve("child.log")));
  }
}
