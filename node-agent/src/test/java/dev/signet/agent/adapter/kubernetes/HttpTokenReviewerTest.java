package dev.signet.agent.adapter.kubernetes;

import static dev.signet.agent.testing.Fixtures.AUDIENCE;
import static dev.signet.agent.testing.Fixtures.UID;
import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.agent.loop.ThreadLoop;
import dev.signet.agent.pod.PodToken;
import dev.signet.agent.svid.AcceptedReview;
import dev.signet.agent.svid.Refusal;
import dev.signet.agent.svid.TokenReviewer;
import dev.signet.agent.testing.CapturedLog;
import dev.signet.agent.testing.TestTokens;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HttpTokenReviewerTest {
  private static final PodToken TOKEN = TestTokens.token(UID.value(), "one");
  private static final String GOOD =
      """
      {"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","metadata":{"creationTimestamp":null},
       "spec":{"token":"%s","audiences":["signet://shop.example/workload"]},
       "status":{"authenticated":true,"audiences":["signet://shop.example/workload"],
        "user":{"username":"system:serviceaccount:shop:cart","uid":"u-1","groups":["system:serviceaccounts"],
         "extra":{"authentication.kubernetes.io/pod-uid":["p-1"]}}}}
      """
          .formatted(TOKEN.reveal());

  @TempDir private Path folder;
  private final ThreadLoop loop = new ThreadLoop("test-loop");
  private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
  private final BlockingQueue<Object> answers = new LinkedBlockingQueue<>();
  private final BlockingQueue<Optional<String>> health = new LinkedBlockingQueue<>();
  private FakeApiServer api;
  private HttpTokenReviewer reviewer;

  @BeforeEach
  void start() throws Exception {
    api = new FakeApiServer();
    write("ca.crt", api.caPem());
    write("token", "agent.api.token\n");
    reviewer =
        new HttpTokenReviewer(
            new ApiSettings(api.address(), folder.resolve("ca.crt"), folder.resolve("token")),
            AUDIENCE,
            loop,
            blocking,
            health::add);
  }

  @AfterEach
  void stop() {
    reviewer.close();
    blocking.shutdownNow();
    loop.close();
    api.close();
  }

  private void write(String name, String text) throws Exception {
    Files.writeString(folder.resolve(name), text);
  }

  private Object reviewed() throws InterruptedException {
    loop.execute(() ->
        reviewer.review(
            TOKEN,
            new TokenReviewer.Answer() {
              @Override
              public void accepted(AcceptedReview review) {
                answers.add(review);
              }

              @Override
              public void refused(Refusal refusal) {
                answers.add(refusal);
              }
            }));
    Object answer = answers.poll(30, TimeUnit.SECONDS);
    assertThat(answer).as("an answer").isNotNull();
    return answer;
  }

  private static Refusal unknown() {
    return Refusal.passing(Refusal.KUBERNETES_UNAVAILABLE);
  }

  @Test
  void goodToken_itsReview() throws Exception {
    api.replies(201, GOOD);

    assertThat(reviewed())
        .isEqualTo(
            new AcceptedReview(
                List.of(AUDIENCE),
                "system:serviceaccount:shop:cart",
                "u-1",
                List.of("system:serviceaccounts"),
                Map.of("authentication.kubernetes.io/pod-uid", List.of("p-1"))));
    FakeApiServer.Request asked = api.requests.getFirst();
    assertThat(asked.method()).isEqualTo("POST");
    assertThat(asked.path()).isEqualTo("/apis/authentication.k8s.io/v1/tokenreviews");
    assertThat(asked.authorization()).containsExactly("Bearer agent.api.token");
    assertThat(asked.body())
        .isEqualTo(
            "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"TokenReview\",\"spec\":{\"token\":\""
                + TOKEN.reveal()
                + "\",\"audiences\":[\"signet://shop.example/workload\"]}}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"status\":{\"user\":{},\"error\":\"[invalid bearer token]\"}}",
        "{\"status\":{\"authenticated\":false,\"user\":{\"username\":\"x\"}}}",
        "{\"status\":{\"authenticated\":\"true\",\"audiences\":[\"signet://shop.example/workload\"]}}",
        "{\"status\":{\"authenticated\":null,\"error\":\"x\"}}"
      })
  void no_isARefusalForGood(String answer) throws Exception {
    api.replies(201, answer);

    assertThat(reviewed()).isEqualTo(new Refusal(Refusal.TOKEN_REJECTED, false, Optional.empty()));
  }

  /** An authenticator that knows no audiences says yes to every token. */
  @ParameterizedTest
  @ValueSource(strings = {"", "\"audiences\":[],", "\"audiences\":[\"https://k8s\"],"})
  void yesWithoutOurAudience_isARefusalForGood(String audiences) throws Exception {
    api.replies(
        201,
        "{\"status\":{\"authenticated\":true," + audiences + "\"user\":{\"username\":\"x\"}}}");

    assertThat(reviewed())
        .isEqualTo(new Refusal(Refusal.TOKEN_AUDIENCE_MISSING, false, Optional.empty()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<html>",
        "{}",
        "[]",
        "{\"status\":{}}",
        "{\"status\":[]}",
        "{\"status\":{\"authenticated\":true,\"authenticated\":false}}",
        "{\"status\":{\"authenticated\":true,\"audiences\":\"signet://shop.example/workload\"}}",
        "{\"status\":{\"authenticated\":true,\"audiences\":[\"signet://shop.example/workload\"],\"user\":7}}"
      })
  void answerThatIsNone_isUnknown(String answer) throws Exception {
    api.replies(201, answer);

    assertThat(reviewed()).isEqualTo(unknown());
  }

  @ParameterizedTest
  @ValueSource(ints = {202, 302, 307, 400, 404, 500, 503})
  void otherStatus_isUnknown(int status) throws Exception {
    api.replies(exchange -> {
      exchange.getResponseHeaders().add("Location", api.address() + "/elsewhere");
      FakeApiServer.send(exchange, status, GOOD);
    });

    assertThat(reviewed()).isEqualTo(unknown());
    assertThat(api.requests).as("no redirect is followed").hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403})
  void agentWithoutTheRight_isUnknownAndTheOperatorIsTold(int status) throws Exception {
    api.replies(status, "{}").replies(201, GOOD);

    assertThat(reviewed()).isEqualTo(Refusal.passing(HttpTokenReviewer.NOT_PERMITTED));
    assertThat(health.take().orElseThrow()).contains("create on tokenreviews");
    assertThat(reviewed()).isInstanceOf(AcceptedReview.class);
    assertThat(health.take()).isEmpty();
  }

  @Test
  void apiServerThatWantsAPause_isLeftAlone() throws Exception {
    api.replies(exchange -> {
      exchange.getResponseHeaders().add("Retry-After", "30");
      FakeApiServer.send(exchange, 429, "{}");
    });

    assertThat(reviewed())
        .isEqualTo(
            new Refusal(Refusal.KUBERNETES_UNAVAILABLE, true, Optional.of(Duration.ofSeconds(30))));
    assertThat(((Refusal) reviewed()).retryAfter().orElseThrow())
        .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(30));
    assertThat(api.requests).hasSize(1);
  }

  @Test
  void endlessAnswer_isCutOff() throws Exception {
    api.replies(201, " ".repeat(HttpTokenReviewer.LARGEST_ANSWER + 1));

    assertThat(reviewed()).isEqualTo(unknown());
  }

  @Test
  void lostConnection_isUnknown() throws Exception {
    api.replies(exchange -> {});
    api.replies(exchange -> {});

    assertThat(reviewed()).isEqualTo(unknown());
  }

  /** The answer begins in time and never ends. */
  @Test
  void answerThatNeverEnds_isGivenUpAtTheDeadline() throws Exception {
    var held = new CountDownLatch(1);
    api.replies(exchange -> {
      exchange.sendResponseHeaders(201, 0);
      exchange.getResponseBody().write('{');
      exchange.getResponseBody().flush();
      try {
        held.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });

    assertThat(reviewed()).isEqualTo(unknown());
    held.countDown();
  }

  @Test
  void serverThatTheClustersCaDidNotSign_getsNoToken() throws Exception {
    write("ca.crt", FakeApiServer.foreignCaPem());

    assertThat(reviewed()).isEqualTo(unknown());
    assertThat(api.requests).isEmpty();
  }

  @Test
  void filesAreReadAtEachUse() throws Exception {
    write("ca.crt", FakeApiServer.foreignCaPem());
    assertThat(reviewed()).isEqualTo(unknown());
    api.replies(201, GOOD).replies(201, GOOD);

    write("ca.crt", api.caPem());
    assertThat(reviewed()).isInstanceOf(AcceptedReview.class);
    write("token", "newer.api.token");
    assertThat(reviewed()).isInstanceOf(AcceptedReview.class);

    assertThat(api.requests.getLast().authorization()).containsExactly("Bearer newer.api.token");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ca.crt", "token"})
  void fileThatIsMissingOrNone_isUnknownAndNamed(String name) throws Exception {
    Files.delete(folder.resolve(name));
    assertThat(reviewed()).isEqualTo(unknown());
    assertThat(health.take().orElseThrow()).contains(name);

    write(name, "two words, a secret");
    assertThat(reviewed()).isEqualTo(unknown());
    assertThat(health.take().orElseThrow()).contains(name).doesNotContain("secret");
    assertThat(api.requests).isEmpty();
  }

  /** THREATS T35. */
  @Test
  void nothingOfATokenIsLogged() throws Exception {
    try (var log = CapturedLog.atTrace()) {
      api.replies(500, GOOD).replies(201, GOOD + "x").replies(403, GOOD).replies(201, GOOD);
      for (int i = 0; i < 4; i++) {
        assertThat(reviewed()).isNotNull();
      }

      assertThat(String.join("\n", log.lines()))
          .contains("HTTP 500")
          .doesNotContain(TOKEN.reveal())
          .doesNotContain("agent.api.token");
    }
  }
}
