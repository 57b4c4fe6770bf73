package dev.signet.ca.adapter.kubernetes;

import static dev.signet.ca.adapter.kubernetes.FakeApiServer.json;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.Optional;

/** One ConfigMap on a {@link FakeApiServer}, kept as the real one keeps it. Thread-safe. */
public final class FakeConfigMap {
  private static final String NOT_FOUND =
      "{\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":\"NotFound\",\"code\":404}";

  private final String collection;
  private final String path;
  private Optional<JsonObject> object = Optional.empty();
  private long version = 100;
  private Runnable beforeWrite = () -> {};

  public FakeConfigMap(FakeApiServer api, String namespace, String name) {
    collection = "/api/v1/namespaces/" + namespace + "/configmaps";
    path = collection + "/" + name;
    api.on("GET " + path, (exchange, _) -> get(exchange))
        .on("PUT " + path, this::put)
        .on("POST " + collection, this::post);
  }

  public String path() {
    return path;
  }

  public String collection() {
    return collection;
  }

  /** Somebody else writes the whole object. */
  public synchronized void set(String json) {
    store(JsonParser.parseString(json).getAsJsonObject());
  }

  public synchronized Optional<JsonObject> object() {
    return object.map(JsonObject::deepCopy);
  }

  /** Something that happens between a look and a write, once. */
  synchronized void beforeWrite(Runnable once) {
    beforeWrite =
        () -> {
          beforeWrite = () -> {};
          once.run();
        };
  }

  synchronized void delete() {
    object = Optional.empty();
  }

  private void store(JsonObject next) {
    if (!next.has("metadata")) {
      next.add("metadata", new JsonObject());
    }
    next.getAsJsonObject("metadata").addProperty("resourceVersion", Long.toString(++version));
    object = Optional.of(next);
  }

  private synchronized void get(HttpExchange exchange) throws IOException, InterruptedException {
    answer(exchange, object.isPresent() ? 200 : 404, object.map(JsonObject::toString));
  }

  private synchronized void put(HttpExchange exchange, FakeApiServer.Request request)
      throws IOException, InterruptedException {
    beforeWrite.run();
    JsonObject sent = JsonParser.parseString(request.body()).getAsJsonObject();
    if (object.isEmpty()) {
      answer(exchange, 404, Optional.empty());
    } else if (!version(sent).equals(version(object.get()))) {
      answer(exchange, 409, Optional.of("{\"kind\":\"Status\",\"reason\":\"Conflict\"}"));
    } else {
      store(sent);
      answer(exchange, 200, object.map(JsonObject::toString));
    }
  }

  private synchronized void post(HttpExchange exchange, FakeApiServer.Request request)
      throws IOException, InterruptedException {
    beforeWrite.run();
    if (object.isPresent()) {
      answer(exchange, 409, Optional.of("{\"kind\":\"Status\",\"reason\":\"AlreadyExists\"}"));
    } else {
      store(JsonParser.parseString(request.body()).getAsJsonObject());
      answer(exchange, 201, object.map(JsonObject::toString));
    }
  }

  private static String version(JsonObject object) {
    return object.getAsJsonObject("metadata").get("resourceVersion").getAsString();
  }

  private static void answer(HttpExchange exchange, int status, Optional<String> body)
      throws IOException, InterruptedException {
    json(status, body.orElse(NOT_FOUND)).handle(exchange, NO_REQUEST);
  }

  private static final FakeApiServer.Request NO_REQUEST =
      new FakeApiServer.Request("", java.net.URI.create("/"), "", "", "");
}
