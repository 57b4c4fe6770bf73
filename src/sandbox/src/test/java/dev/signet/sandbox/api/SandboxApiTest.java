package dev.signet.sandbox.api;

import static dev.signet.sandbox.api.ContractWorld.AUDIENCE;
import static dev.signet.sandbox.api.ContractWorld.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.signet.sandbox.api.FaultSwitch.Fault;
import dev.signet.sandbox.api.FaultSwitch.Injection;
import dev.signet.sandbox.api.FaultSwitch.Match;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.models.V1Node;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1Status;
import io.kubernetes.client.util.ClientBuilder;
import io.kubernetes.client.util.KubeConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the contract cannot ask of a real server: time that a test moves, faults, and the ends of
 * the history.
 */
@NullUnmarked // Fields of the client's models may all be absent: where one must not be, the test
// fails by itself.
final class SandboxApiTest {
  private static final int HISTORY = 5;

  private final SettableClock clock = new SettableClock();
  private SandboxApi api;
  private ContractWorld world;

  @BeforeEach
  void start() throws Exception {
    SandboxApiConfig config =
        SandboxApiConfig.defaults()
            .withWatchHistory(HISTORY)
            .withBookmarkInterval(Duration.ofMillis(50));
    api = SandboxApi.start(config, clock);
    world = new ContractWorld(api.admin());
    world.account("web");
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void expiredToken_passesForAnotherMinute() throws Exception {
    V1Pod pod = world.pod("web-1", "web", "node-1");
    String token = world.podToken(pod, "web", AUDIENCE);

    clock.advance(Duration.ofMinutes(61));
    assertThat(world.review(token, AUDIENCE).getAuthenticated()).isTrue();
    clock.advance(Duration.ofSeconds(1));
    assertThat(world.review(token, AUDIENCE).getError())
        .contains("service account token has expired");
  }

  @Test
  void tokenFromAheadOfTheClock_passesForAMinute() throws Exception {
    V1Pod pod = world.pod("web-1", "web", "node-1");
    clock.advance(Duration.ofMinutes(1));
    String minuteAhead = world.podToken(pod, "web", AUDIENCE);
    clock.advance(Duration.ofSeconds(1));
    String more = world.podToken(pod, "web", AUDIENCE);
    clock.advance(Duration.ofSeconds(-61));

    assertThat(world.review(minuteAhead, AUDIENCE).getAuthenticated()).isTrue();
    assertThat(world.review(more, AUDIENCE).getError()).contains("not valid yet");
  }

  @Test
  void terminatingPod_losesItsTokenAMinuteAfterItsGrace() throws Exception {
    V1Pod pod = world.pod("web-1", "web", "node-1");
    String token = world.podToken(pod, "web", AUDIENCE);
    world.core().deleteNamespacedPod("web-1", world.namespace()).gracePeriodSeconds(30).execute();

    clock.advance(Duration.ofSeconds(90));
    assertThat(world.review(token, AUDIENCE).getAuthenticated()).isTrue();
    clock.advance(Duration.ofSeconds(1));
    assertThat(world.review(token, AUDIENCE).getError()).contains("has been invalidated");
  }

  @Test
  void removedPod_losesItsTokenAtOnce() throws Exception {
    V1Pod pod = world.pod("web-1", "web", "node-1");
    String token = world.podToken(pod, "web", AUDIENCE);
    assertThat(world.review(token, AUDIENCE).getAuthenticated()).isTrue();
    world.remove(pod);

    assertThat(world.review(token, AUDIENCE).getError()).contains("has been invalidated");
  }

  @Test
  void tooManyRequests_isAnsweredWithRetryAfter() throws Exception {
    try (Injection fault =
        api.faults().inject(new Match("create", "tokenreviews"), new Fault.TooManyRequests(7))) {
      ApiException failure = catching(() -> world.review("any", AUDIENCE));

      assertThat(failure.getCode()).isEqualTo(429);
      assertThat(failure.getResponseHeaders().get("retry-after")).containsExactly("7");
      assertThat(fault.strikes()).isEqualTo(1);
      assertThat(world.core().listNamespacedPod(world.namespace()).execute().getItems()).isEmpty();
    }
    assertThat(world.review("any", AUDIENCE).getError()).isNotBlank();
  }

  @Test
  void serverErrors_areStatuses() {
    try (Injection _ = api.faults().inject(Match.EVERYTHING, new Fault.ServerError())) {
      assertThat(failure(() -> world.review("any", AUDIENCE)).getReason())
          .isEqualTo("InternalError");
    }
    try (Injection _ = api.faults().inject(Match.EVERYTHING, new Fault.Unavailable())) {
      assertThat(failure(() -> world.review("any", AUDIENCE)).getReason())
          .isEqualTo("ServiceUnavailable");
    }
  }

  @Test
  void closedConnection_isNoAnswer() {
    try (Injection _ = api.faults().inject(new Match("get", "pods"), new Fault.CloseConnection())) {
      ApiException failure =
          catching(() -> world.core().readNamespacedPod("web-1", world.namespace()).execute());

      assertThat(failure.getCode()).isZero();
    }
  }

  @Test
  void hangingCall_isAnsweredOnceTheFaultIsOver() throws Exception {
    CompletableFuture<Integer> answered;
    try (Injection fault = api.faults().inject(new Match("list", "pods"), new Fault.Hang())) {
      answered =
          CompletableFuture.supplyAsync(() -> {
            try {
              return world.core().listNamespacedPod(world.namespace()).execute().getItems().size();
            } catch (ApiException e) {
              throw new AssertionError(e);
            }
          });
      ContractWorld.await(() -> fault.strikes() == 1);
      assertThat(answered).isNotDone();
    }
    assertThat(answered.get(10, TimeUnit.SECONDS)).isZero();
  }

  @Test
  void historyBeyondItsBound_isGone() throws Exception {
    String version = version();
    for (int i = 0; i <= HISTORY; i++) {
      world.pod("web-" + i, "web", "node-1");
    }

    try (Response response = watch(version, false)) {
      JsonObject event = event(new BufferedReader(response.body().charStream()));
      assertThat(event.get("type").getAsString()).isEqualTo("ERROR");
      assertThat(event.getAsJsonObject("object").get("code").getAsInt()).isEqualTo(410);
    }
  }

  @Test
  void bookmarks_comeAtTheirInterval() throws Exception {
    try (Response response = watch(version(), true)) {
      BufferedReader lines = new BufferedReader(response.body().charStream());
      assertThat(event(lines).get("type").getAsString()).isEqualTo("BOOKMARK");
      assertThat(event(lines).get("type").getAsString()).isEqualTo("BOOKMARK");
    }
  }

  @Test
  void droppedConnection_endsAWatchAndTheNextOneGoesOn() throws Exception {
    String version = version();
    try (Response response = watch(version, false)) {
      api.dropConnections();

      BufferedReader lines = new BufferedReader(response.body().charStream());
      assertThatThrownBy(lines::readLine).isInstanceOf(IOException.class);
    }
    world.pod("web-1", "web", "node-1");
    try (Response response = watch(version, false)) {
      assertThat(event(new BufferedReader(response.body().charStream())).get("type").getAsString())
          .isEqualTo("ADDED");
    }
  }

  @Test
  void versionOfTheFuture_isATimeout() {
    V1Status status =
        failure(() ->
            world
                .core()
                .listNamespacedPod(world.namespace())
                .resourceVersion("999999999")
                .execute());

    assertThat(status.getCode()).isEqualTo(504);
  }

  @Test
  void whatIsNotServed_isRefusedRatherThanIgnored() {
    assertThat(
            failure(() ->
                    world
                        .core()
                        .listNamespacedPod(world.namespace())
                        .labelSelector("a=b")
                        .execute())
                .getCode())
        .isEqualTo(400);
    assertThat(
            failure(() -> world.core().listNamespacedSecret(world.namespace()).execute()).getCode())
        .isEqualTo(404);
    assertThat(
            failure(() -> world.core().deleteCollectionNamespacedPod(world.namespace()).execute())
                .getCode())
        .isEqualTo(405);
  }

  @Test
  void kubeconfig_isReadByTheClient() throws Exception {
    ApiAccess access = api.account(world.namespace(), "web", Duration.ofHours(1));
    KubeConfig kubeconfig = KubeConfig.loadKubeConfig(new StringReader(access.kubeconfig()));
    ApiClient client = ClientBuilder.kubeconfig(kubeconfig).build();

    assertThat(failure(() -> new CoreV1Api(client).listNode().execute()).getMessage())
        .contains("system:serviceaccount:" + world.namespace() + ":web");
  }

  /** As the Node authoriser of 1.32 and later. */
  @Test
  void kubelet_readsWhatConcernsItsNodeOnly() throws Exception {
    V1Pod own = world.pod("own", "web", "node-1");
    world.pod("other", "web", "node-2");
    CoreV1Api kubelet = new CoreV1Api(api.kubelet("node-1").client());

    assertThat(
            kubelet
                .listPodForAllNamespaces()
                .fieldSelector("spec.nodeName=node-1")
                .execute()
                .getItems())
        .hasSize(1);
    assertThat(failure(() -> kubelet.listPodForAllNamespaces().execute()).getCode()).isEqualTo(403);
    assertThat(
            failure(() ->
                    kubelet
                        .listPodForAllNamespaces()
                        .fieldSelector("spec.nodeName=node-2")
                        .execute())
                .getCode())
        .isEqualTo(403);
    assertThat(kubelet.readNamespacedPod("own", world.namespace()).execute().getMetadata().getUid())
        .isEqualTo(ContractWorld.uid(own));
    assertThat(
            failure(() -> kubelet.readNamespacedPod("other", world.namespace()).execute())
                .getCode())
        .isEqualTo(403);
    assertThat(
            failure(() -> kubelet.deleteNamespacedPod("other", world.namespace()).execute())
                .getCode())
        .isEqualTo(403);
    assertThat(
            failure(() ->
                    kubelet
                        .createNode(new V1Node().metadata(new V1ObjectMeta().name("node-2")))
                        .execute())
                .getCode())
        .isEqualTo(403);
    kubelet.createNode(new V1Node().metadata(new V1ObjectMeta().name("node-1"))).execute();
  }

  /**
   * What the model cannot hold is refused; so are fields that it does not know, as with strict
   * validation.
   */
  @Test
  void body_isTakenByTheModel() throws Exception {
    List<String> bodies =
        List.of(
            "",
            "[]",
            "{",
            "{\"kind\": \"Node\"}",
            "{\"apiVersion\": \"v2\"}",
            "{\"spec\": {\"containers\": 7}}",
            "{\"spec\": {\"ofTheFuture\": 1}}");
    for (String body : bodies) {
      try (Response response = post("pods", body)) {
        assertThat(response.code()).as(body).isEqualTo(400);
      }
    }
    try (Response response = post("pods", "x".repeat(2 << 20))) {
      assertThat(response.code()).isEqualTo(413);
    }
  }

  private Response post(String resource, String body) throws Exception {
    return world
        .client()
        .getHttpClient()
        .newCall(
            new Request.Builder()
                .url(api.address() + "/api/v1/namespaces/" + world.namespace() + "/" + resource)
                .header("Authorization", "Bearer " + api.admin().token())
                .post(RequestBody.create(body, MediaType.get("application/json")))
                .build())
        .execute();
  }

  @Test
  void takenPort_isSaidAtStart() {
    InetSocketAddress taken =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), api.address().getPort());

    assertThatThrownBy(() -> SandboxApi.start(SandboxApiConfig.defaults().withListen(taken), clock))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot listen on");
  }

  @Test
  void access_hidesItsToken() {
    assertThat(api.admin().toString()).doesNotContain(api.admin().token());
  }

  private String version() throws ApiException {
    return world
        .core()
        .listNamespacedPod(world.namespace())
        .execute()
        .getMetadata()
        .getResourceVersion();
  }

  private Response watch(String version, boolean bookmarks) throws Exception {
    return world
        .core()
        .listNamespacedPod(world.namespace())
        .resourceVersion(version)
        .allowWatchBookmarks(bookmarks)
        .watch(true)
        .buildCall(null)
        .execute();
  }

  private static JsonObject event(BufferedReader lines) throws Exception {
    String line = lines.readLine();
    assertThat(line).isNotNull();
    return JsonParser.parseString(line).getAsJsonObject();
  }

  private static ApiException catching(ContractWorld.Call call) {
    return catchThrowableOfType(ApiException.class, call::run);
  }
}
