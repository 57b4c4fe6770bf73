package dev.signet.ca.adapter.kubernetes;

import static dev.signet.ca.adapter.kubernetes.FakeApiServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.signet.ca.attestation.PodName;
import dev.signet.ca.attestation.ServiceAccountToken;
import dev.signet.ca.issuance.PodState;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.TokenReview;
import dev.signet.process.StartRefusedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class KubernetesCallsTest {
  private static final String REVIEWS = "POST /apis/authentication.k8s.io/v1/tokenreviews";
  private static final String POD = "GET /api/v1/namespaces/cart/pods/cart-1";
  private static final String AUDIENCE = "signet://shop.example/workload";
  private static final PodName CART = new PodName("cart", "cart-1");

  @TempDir private Path folder;
  private final FakeApiServer api = new FakeApiServer();
  private KubernetesCluster cluster;

  @BeforeEach
  void connect() throws StartRefusedException {
    cluster =
        KubernetesCluster.of(Optional.of(api.kubeconfig(folder)), new SecureRandom(), _ -> {});
  }

  @AfterEach
  void close() {
    cluster.close();
    api.close();
  }

  @Test
  void acceptedToken_everyFieldOfTheReview() throws Exception {
    api.on(
        REVIEWS,
        json(
            201,
            """
            {"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","metadata":{},"spec":{},
             "status":{"authenticated":true,"audiences":["signet://shop.example/workload"],
              "user":{"username":"system:serviceaccount:cart:cart","uid":"u1",
               "groups":["system:serviceaccounts","system:serviceaccounts:cart"],
               "extra":{"authentication.kubernetes.io/pod-name":["cart-1"],
                "authentication.kubernetes.io/pod-uid":["p1"]}}},"future":{"field":[1]}}
            """));

    TokenReview review = cluster.tokenReviewer().review(token(), AUDIENCE);

    assertThat(review.authenticated()).isTrue();
    assertThat(review.audiences()).containsExactly(AUDIENCE);
    assertThat(review.username()).isEqualTo("system:serviceaccount:cart:cart");
    assertThat(review.uid()).isEqualTo("u1");
    assertThat(review.groups()).hasSize(2);
    assertThat(review.extra().get("authentication.kubernetes.io/pod-uid")).containsExactly("p1");
  }

  /** KUBERNETES section 1: never without an audience, and never more than one. */
  @Test
  void review_asksForExactlyOurAudience() throws Exception {
    api.on(REVIEWS, json(201, "{\"status\":{\"authenticated\":false,\"error\":\"expired\"}}"));

    TokenReview review = cluster.tokenReviewer().review(token(), AUDIENCE);

    FakeApiServer.Request request = api.requests.get(0);
    assertThat(request.body()).contains("\"audiences\":[\"" + AUDIENCE + "\"]", "\"a.b.c\"");
    assertThat(request.auth()).isEqualTo("Bearer the-cas-own-token");
    assertThat(review.authenticated()).isFalse();
    assertThat(review.error()).isEqualTo("expired");
  }

  @Test
  void pod_everyFieldThatCounts() throws Exception {
    api.on(
        POD,
        json(
            200,
            """
            {"kind":"Pod","metadata":{"name":"cart-1","namespace":"cart","uid":"p1",
              "deletionTimestamp":"2026-11-25T12:00:00Z","managedFields":[{"x":1}]},
             "spec":{"serviceAccountName":"cart","nodeName":"node-1","volumes":[{"strange":true}]},
             "status":{"phase":"Pending"}}
            """));

    assertThat(cluster.podReader().read(CART))
        .contains(
            new PodState("cart", "cart-1", "p1", "cart", "node-1", PodState.Phase.PENDING, true));
    assertThat(api.requests.get(0).uri().getQuery()).as("never from a cache").isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Running", "Succeeded", "Failed", "Unknown", "", "running"})
  void phase_asItStands(String phase) throws Exception {
    api.on(POD, json(200, "{\"status\":{\"phase\":\"" + phase + "\"}}"));
    PodState.Phase expected =
        Stream.of(PodState.Phase.values())
            .filter(p -> p.name().equals(phase.toUpperCase(Locale.ROOT)))
            .filter(_ -> !phase.equals("running"))
            .findFirst()
            .orElse(PodState.Phase.UNKNOWN);

    assertThat(cluster.podReader().read(CART).orElseThrow().phase()).isEqualTo(expected);
  }

  @Test
  void podNotFoundByTheApiServer_none() throws Exception {
    api.on(POD, json(404, "{\"kind\":\"Status\",\"reason\":\"NotFound\",\"code\":404}"));

    assertThat(cluster.podReader().read(CART)).isEmpty();
  }

  /** A 404 of something between is no word on the pod. */
  @ParameterizedTest
  @ValueSource(strings = {"", "<html>", "{}", "[]", "{\"kind\":\"Status\"}"})
  void notFoundBySomethingElse_unavailable(String body) {
    api.on(POD, json(404, body));

    assertUnavailable(() -> cluster.podReader().read(CART));
  }

  static Stream<FakeApiServer.Handler> troubles() {
    return Stream.of(
        json(400, "{\"kind\":\"Status\",\"reason\":\"BadRequest\"}"),
        json(401, "{}"),
        json(403, "{}"),
        json(409, "{}"),
        FakeApiServer.status(429, "1"),
        json(500, "oops"),
        json(502, "<html>"),
        FakeApiServer.status(503, "2"),
        json(504, ""),
        json(200, ""),
        json(200, "null"),
        json(200, "{"),
        json(200, "[]"),
        json(200, "\"x\""),
        (exchange, _) -> {
          exchange.getResponseHeaders().set("Location", "https://127.0.0.1:1/");
          exchange.sendResponseHeaders(307, -1);
        },
        FakeApiServer.hangUp());
  }

  /** KUBERNETES section 1: none of these is a refusal, and none a grant. */
  @ParameterizedTest
  @MethodSource("troubles")
  void trouble_unavailable(FakeApiServer.Handler trouble) {
    api.on(REVIEWS, trouble).on(POD, trouble);

    assertUnavailable(() -> cluster.podReader().read(CART));
    assertUnavailable(() -> cluster.tokenReviewer().review(token(), AUDIENCE));
  }

  @Test
  void reviewWithoutStatus_unavailable() {
    api.on(REVIEWS, json(201, "{\"kind\":\"TokenReview\"}"));

    assertUnavailable(() -> cluster.tokenReviewer().review(token(), AUDIENCE));
  }

  /** FAULTS F13. */
  @Test
  void tooManyRequests_nothingIsSentUntilTheApiServerWantsItAgain() {
    api.on(POD, FakeApiServer.status(429, "30"));
    assertUnavailable(() -> cluster.podReader().read(CART));

    assertThatThrownBy(() -> cluster.tokenReviewer().review(token(), AUDIENCE))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e ->
                assertThat(e.refusal().retryAfter().orElseThrow())
                    .isBetween(Duration.ofSeconds(20), Duration.ofSeconds(30)));
    assertThat(api.requests).hasSize(1);
  }

  /** The wait for an answer ends when the answer is not wanted any more. */
  @Test
  void interruptedWhileWaiting_endsAtOnce() throws Exception {
    api.on(POD, api.silence());
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Throwable> read =
          threads.submit(() -> catchThrowable(() -> cluster.podReader().read(CART)));
      api.await(request -> request.uri().getPath().endsWith("cart-1"));
      threads.shutdownNow();

      assertThat(read.get(5, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
    }
  }

  /** THREATS T35: a server may quote what it was sent. */
  @Test
  void message_holdsNothingOfTheAnswer() {
    api.on(REVIEWS, json(400, "bad token a.b.c")).on(POD, json(200, "a.b.c"));

    assertThatThrownBy(() -> cluster.tokenReviewer().review(token(), AUDIENCE))
        .message()
        .doesNotContain("a.b.c");
    assertThatThrownBy(() -> cluster.podReader().read(CART)).message().doesNotContain("a.b.c");
  }

  static Stream<List<String>> unsafeConnections() {
    return Stream.of(
        List.of("http://127.0.0.1:8080", ""),
        List.of("https://127.0.0.1:8080", ", insecure-skip-tls-verify: true"));
  }

  @ParameterizedTest
  @MethodSource("unsafeConnections")
  void connectionThatIsNotVerified_startRefused(List<String> unsafe) {
    Path file = api.kubeconfig(folder, unsafe.get(0), unsafe.get(1));

    assertThatThrownBy(() -> KubernetesCluster.of(Optional.of(file), new SecureRandom(), _ -> {}))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("https");
  }

  @Test
  void kubeconfigMissingOrGarbage_startRefusedNamingIt() throws Exception {
    Path missing = folder.resolve("none");
    Path garbage = Files.writeString(folder.resolve("garbage"), "\0\1:{{");

    for (Path file : List.of(missing, garbage)) {
      assertThatThrownBy(() -> KubernetesCluster.of(Optional.of(file), new SecureRandom(), _ -> {}))
          .isInstanceOf(StartRefusedException.class)
          .hasMessageContaining(file.toString());
    }
  }

  @Test
  void anotherServersCertificate_notTrusted() throws Exception {
    try (FakeApiServer other = new FakeApiServer()) {
      other.on(POD, json(200, "{}"));
      Path file = api.kubeconfig(folder, "https://127.0.0.1:" + other.port(), "");
      try (KubernetesCluster wrong =
          KubernetesCluster.of(Optional.of(file), new SecureRandom(), _ -> {})) {
        assertUnavailable(() -> wrong.podReader().read(CART));
      }
      assertThat(other.requests).isEmpty();
    }
  }

  private static void assertUnavailable(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> assertThat(e.refusal().reason()).isEqualTo(RefusalReason.KUBERNETES_UNAVAILABLE));
  }

  private static ServiceAccountToken token() throws RefusedException {
    return ServiceAccountToken.parse("a.b.c");
  }

  /** The client throws unchecked where the account's token file cannot be read at that moment. */
  @Test
  void clientThatFailsUnchecked_isTroubleAndNoVerdict() {
    OkHttpClient unreadableToken =
        new OkHttpClient.Builder()
            .addInterceptor(chain -> {
              throw new IllegalStateException("cannot read the token");
            })
            .build();
    Call call =
        unreadableToken.newCall(new Request.Builder().url("https://127.0.0.1:1/api").build());

    assertThatThrownBy(() -> new ApiExchange(new RetryAfter(System::nanoTime)).open("a call", call))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> assertThat(e.refusal().reason()).isEqualTo(RefusalReason.KUBERNETES_UNAVAILABLE));
  }
}
