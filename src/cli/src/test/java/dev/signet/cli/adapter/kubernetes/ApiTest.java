package dev.signet.cli.adapter.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.signet.cli.cluster.Observed;
import dev.signet.cli.cluster.ServerFacts;
import dev.signet.cli.cluster.UnreachableException;
import io.kubernetes.client.openapi.ApiClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiTest {
  private static final String NOT_FOUND = "{\"kind\":\"Status\",\"reason\":\"NotFound\"}";
  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
  private HttpServer server;
  private Api api;
  private Function<String, Answer> answers = uri -> new Answer(500, "");

  private record Answer(int code, String body) {}

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String uri = exchange.getRequestURI().toString();
          asked.add(uri);
          Answer answer = answers.apply(uri);
          byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(answer.code(), body.length == 0 ? -1 : body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    api = new Api(new ApiClient().setBasePath("http://127.0.0.1:" + server.getAddress().getPort()));
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private Observed<List<String>> list() {
    return api.list("list pods", "/pods", Map.of(), item -> Stream.of(item.name()));
  }

  private static String page(String next, String... names) {
    String items =
        Arrays.stream(names)
            .map(name -> "{\"metadata\":{\"name\":\"" + name + "\"}}")
            .collect(Collectors.joining(","));
    return "{\"kind\":\"PodList\",\"metadata\":{\"continue\":\""
        + next
        + "\"},\"items\":["
        + items
        + "]}";
  }

  @Test
  void pages_areFollowedToTheEnd() {
    answers =
        uri -> new Answer(200, uri.contains("continue=") ? page("", "c") : page("next", "a", "b"));

    assertThat(list()).isEqualTo(Observed.seen(List.of("a", "b", "c")));
    assertThat(asked).hasSize(2).allMatch(uri -> uri.contains("limit=250"));
  }

  @Test
  void pagesThatGotTooOld_areReadAnewAtOnce_andNothingIsCountedTwice() {
    answers =
        uri -> {
          if (uri.contains("continue=")) {
            return new Answer(410, "{\"kind\":\"Status\",\"reason\":\"Expired\"}");
          }
          return new Answer(200, uri.contains("limit=") ? page("next", "a") : page("", "a", "b"));
        };

    assertThat(list()).isEqualTo(Observed.seen(List.of("a", "b")));
    assertThat(asked.getLast()).isEqualTo("/pods");
  }

  @Test
  void serverThatIsAlwaysTooOld_endsTheMatter() {
    answers = uri -> new Answer(410, "");

    assertThat(list().ifSeen()).isEmpty();
    assertThat(asked).hasSize(2);
  }

  @Test
  void failureOnTheSecondPage_hidesTheWholeList() {
    answers =
        uri -> uri.contains("continue=") ? new Answer(500, "") : new Answer(200, page("next", "a"));

    assertThat(list().ifSeen()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{}", "<html>hello</html>", "[]", "{\"kind\":\"Status\"}", "{\"kind\":"})
  void whatIsNoList_isNotTakenForAnEmptyOne(String body) {
    answers = uri -> new Answer(200, body);

    assertThat(list().ifSeen()).isEmpty();
  }

  @Test
  void missingRight_isNamed() {
    answers = uri -> new Answer(403, "pods is forbidden: User somebody");

    assertThat(list())
        .isEqualTo(
            Observed.hidden("this user may not list pods", "run it as a user who may list pods"));
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 503})
  void failure_isHidden_withoutTheServersText(int code) {
    answers = uri -> new Answer(code, "eyJhbGciOi.some.token");

    Observed<Optional<Doc>> got = api.get("get it", "/it");
    assertThat(got.ifSeen()).isEmpty();
    assertThat(got.toString()).contains("HTTP " + code).doesNotContain("eyJ");
  }

  @Test
  void objectThatIsNotThere_isSeenAsSuch_inTheServersOwnWordsOnly() {
    answers = uri -> new Answer(404, NOT_FOUND);
    assertThat(api.get("get it", "/it")).isEqualTo(Observed.seen(Optional.empty()));

    answers = uri -> new Answer(404, "404 page not found");
    assertThat(api.get("get it", "/it").ifSeen()).isEmpty();
  }

  @Test
  void serverThatDoesNotKnowUs_isNobodyToTalkTo() {
    answers = uri -> new Answer(401, "");

    assertThatThrownBy(() -> api.greet("/version"))
        .isInstanceOf(UnreachableException.class)
        .hasMessageContaining("HTTP 401");
  }

  @Test
  void serverThatIsAway_isNobodyToTalkTo() {
    server.stop(0);

    assertThatThrownBy(() -> api.greet("/version"))
        .isInstanceOf(UnreachableException.class)
        .hasMessageContaining("does not answer");
    assertThat(list().ifSeen()).isEmpty();
  }

  @Test
  void server_tellsOfItself() throws Exception {
    answers = ApiTest::aboutItself;

    ServerFacts facts =
        new ServerReader(api).read(api.greet("/version"), Observed.hidden("not asked", "ask"));

    assertThat(facts.metrics().ifSeen().orElseThrow().features())
        .isEqualTo(Map.of("A", true, "B", false));
    assertThat(facts.metrics().ifSeen().orElseThrow().admissionPlugins())
        .containsExactly("NodeRestriction");
    assertThat(facts.version().ifSeen().orElseThrow().minor()).isEqualTo(36);
    assertThat(facts.admissionResources().ifSeen().orElseThrow())
        .containsExactly("v1/validatingadmissionpolicies", "v1beta1/mutatingadmissionpolicies");
    assertThat(facts.issuer().ifSeen()).isEmpty();
  }

  private static Answer aboutItself(String uri) {
    return switch (uri) {
      case "/version" -> new Answer(200, "{\"gitVersion\":\"v1.36.3\"}");
      case "/metrics" ->
          new Answer(
              200,
              """
              # HELP kubernetes_feature_enabled [BETA]
              kubernetes_feature_enabled{name="A",stage="BETA"} 1
              kubernetes_feature_enabled{name="B",stage=""} 0
              apiserver_admission_controller_admission_duration_seconds_count{name="NodeRestriction",operation="CREATE",type="admit"} 198
              apiserver_admission_controller_admission_duration_seconds_sum{name="Sum",operation="CREATE"} 1.5
              other{name="C"} 1
              """);
      case "/apis" ->
          new Answer(
              200,
              """
              {"groups":[{"name":"admissionregistration.k8s.io","versions":[{"version":"v1"},{"version":"v1beta1"}]}]}
              """);
      case "/apis/admissionregistration.k8s.io/v1" ->
          new Answer(200, "{\"resources\":[{\"name\":\"validatingadmissionpolicies\"}]}");
      case "/apis/admissionregistration.k8s.io/v1beta1" ->
          new Answer(200, "{\"resources\":[{\"name\":\"mutatingadmissionpolicies\"}]}");
      default -> new Answer(404, NOT_FOUND);
    };
  }
}
