package dev.signet.cli.adapter.kubernetes;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.signet.cli.cluster.Observed;
import dev.signet.cli.cluster.UnreachableException;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.Pair;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import okhttp3.Call;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Requests to the API server, each with a name in words ({@code list nodes}). A request that fails
 * makes its fact hidden; no text of a failed answer is shown, since a server may quote a token.
 */
final class Api {
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int GONE = 410;
  private static final String PAGE = "250";
  private static final String AGAIN =
      "run it again when the API server answers: kubectl get --raw /readyz";

  private final ApiClient client;

  Api(ApiClient client) {
    this.client = client;
  }

  String address() {
    return client.getBasePath();
  }

  /** An answer of the 200s, and when it was given by the server's clock. */
  record Answer(Doc body, Optional<Instant> date) {}

  /**
   * The first word with a server.
   *
   * @throws UnreachableException if it does not answer, or does not know who asks
   */
  Observed<Answer> greet(String path) throws UnreachableException {
    try {
      return answer("read " + path, call("GET", path, Map.of(), null));
    } catch (UnauthorizedException e) {
      throw new UnreachableException(
          "the API server at "
              + address()
              + " does not accept these credentials (HTTP 401): they may have expired; does `kubectl"
              + " version` work?",
          e);
    } catch (IOException | RuntimeException e) {
      String said = e.getMessage() == null ? "" : " (" + e.getMessage() + ")";
      throw new UnreachableException(
          "the API server at "
              + address()
              + " does not answer: "
              + e.getClass().getSimpleName()
              + said
              + "; is it the right context, and does `kubectl version` work?",
          e);
    }
  }

  /** Empty if there is no such object. */
  Observed<Optional<Doc>> get(String what, String path) {
    return observe(
        what,
        call("GET", path, Map.of(), null),
        response ->
            response.code() == NOT_FOUND && isNotFound(response)
                ? Observed.seen(Optional.empty())
                : read(what, response).map(answer -> Optional.of(answer.body())));
  }

  /** The whole answer; what is not there is hidden. */
  Observed<Answer> answer(String what, String path) {
    return observe(what, call("GET", path, Map.of(), null), response -> read(what, response));
  }

  Observed<Doc> create(String what, String path, JsonObject body) {
    return observe(
        what,
        call("POST", path, Map.of(), body),
        response -> read(what, response).map(Answer::body));
  }

  /** Lines of text, one after another. */
  Observed<Boolean> lines(String what, String path, Consumer<String> line) {
    return observe(
        what,
        call("GET", path, Map.of(), null),
        response -> {
          if (!response.isSuccessful()) {
            return refused(what, response.code());
          }
          try (Stream<String> lines = new BufferedReader(response.body().charStream()).lines()) {
            lines.forEach(line);
          }
          return Observed.seen(true);
        });
  }

  /** Every item of a list, in pages; from the beginning and at once if the pages got too old. */
  <T> Observed<List<T>> list(
      String what, String path, Map<String, String> query, Function<Doc, Stream<T>> item) {
    List<T> found = new ArrayList<>();
    Map<String, String> parameters = new HashMap<>(query);
    parameters.put("limit", PAGE);
    while (true) {
      Observed<Page> page =
          observe(what, call("GET", path, parameters, null), response -> page(what, response));
      if (page instanceof Observed.Hidden<Page>(String why, String mend)) {
        return Observed.hidden(why, mend);
      }
      Page seen = page.ifSeen().orElseThrow();
      if (seen.tooOld()) {
        if (!parameters.containsKey("limit")) {
          return refused(what, GONE);
        }
        found.clear();
        parameters.remove("limit");
        parameters.remove("continue");
        continue;
      }
      seen.list().list("items").stream().flatMap(item).forEach(found::add);
      String next = seen.list().text("metadata", "continue");
      if (next.isEmpty()) {
        return Observed.seen(List.copyOf(found));
      }
      parameters.put("continue", next);
    }
  }

  private record Page(Doc list, boolean tooOld) {}

  private Observed<Page> page(String what, Response response) throws IOException {
    return response.code() == GONE
        ? Observed.seen(new Page(Doc.NONE, true))
        : read(what, response).then(answer -> page(what, answer.body()));
  }

  /** Something else that passes for an answer must not be taken for an empty list. */
  private static Observed<Page> page(String what, Doc list) {
    return list.text("kind").endsWith("List")
        ? Observed.seen(new Page(list, false))
        : Observed.hidden("the answer to the request to " + what + " is no list", AGAIN);
  }

  /** A 404 counts only in the API server's own words: something between may say it as well. */
  private static boolean isNotFound(Response response) throws IOException {
    try {
      Doc status = new Doc(JsonParser.parseReader(response.body().charStream()));
      return status.text("kind").equals("Status") && status.text("reason").equals("NotFound");
    } catch (JsonParseException e) {
      return false;
    }
  }

  private Observed<Answer> answer(String what, Call call) throws IOException {
    try (Response response = call.execute()) {
      if (response.code() == UNAUTHORIZED) {
        throw new UnauthorizedException();
      }
      return read(what, response);
    }
  }

  private Observed<Answer> read(String what, Response response) throws IOException {
    if (!response.isSuccessful()) {
      return refused(what, response.code());
    }
    JsonElement json = JsonParser.parseReader(response.body().charStream());
    Optional<Instant> date = Optional.ofNullable(response.headers().getInstant("Date"));
    return Observed.seen(new Answer(new Doc(json), date));
  }

  private static <T> Observed<T> refused(String what, int code) {
    if (code == FORBIDDEN) {
      return Observed.hidden("this user may not " + what, "run it as a user who may " + what);
    }
    return Observed.hidden(
        "the API server answered HTTP " + code + " to the request to " + what,
        code == NOT_FOUND ? "this cluster does not serve it" : AGAIN);
  }

  private interface Reading<T> {
    Observed<T> of(Response response) throws IOException;
  }

  private static <T> Observed<T> observe(String what, Call call, Reading<T> reading) {
    try (Response response = call.execute()) {
      return reading.of(response);
    } catch (IOException | JsonParseException | UncheckedIOException e) {
      return Observed.hidden(
          "no whole answer came to the request to " + what + ": " + e.getClass().getSimpleName(),
          AGAIN);
    }
  }

  private Call call(
      String method, String path, Map<String, String> query, @Nullable JsonObject body) {
    List<Pair> parameters = new ArrayList<>();
    query.forEach((name, value) -> parameters.add(new Pair(name, value)));
    Map<String, String> headers = new HashMap<>();
    headers.put("Accept", path.equals("/metrics") ? "text/plain" : "application/json");
    if (body != null) {
      headers.put("Content-Type", "application/json");
    }
    try {
      return client.buildCall(
          address(),
          path,
          method,
          parameters,
          List.of(),
          body,
          headers,
          new HashMap<>(),
          new HashMap<>(),
          new String[] {"BearerToken"},
          null);
    } catch (ApiException e) {
      // Only a parameter that is missing, or a body that is no JSON, does this.
      throw new IllegalStateException(e);
    }
  }

  /** Nobody that the server knows. */
  private static final class UnauthorizedException extends IOException {
    private static final long serialVersionUID = 1L;
  }
}
