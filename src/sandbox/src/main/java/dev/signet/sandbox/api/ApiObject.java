package dev.signet.sandbox.api;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kubernetes.client.openapi.JSON;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One version of a stored object. Immutable: an edit makes another version. Held as JSON, so that
 * watches and lists hand on exactly what was stored and field selectors are paths.
 */
final class ApiObject {
  private final JsonObject json;

  private ApiObject(JsonObject json) {
    this.json = json;
  }

  static ApiObject of(JsonObject json) {
    return new ApiObject(json.deepCopy());
  }

  /** The time format of the API: RFC 3339, whole seconds. */
  static String time(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  String namespace() {
    return text("metadata", "namespace");
  }

  String name() {
    return text("metadata", "name");
  }

  String uid() {
    return text("metadata", "uid");
  }

  long resourceVersion() {
    return Long.parseLong(text("metadata", "resourceVersion"));
  }

  Optional<Instant> deletionTimestamp() {
    String text = text("metadata", "deletionTimestamp");
    return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
  }

  /** The text at this path, empty if there is none: what a field selector compares. */
  String text(String... path) {
    JsonElement at = json;
    for (String step : path) {
      if (!(at instanceof JsonObject object) || !object.has(step)) {
        return "";
      }
      at = object.get(step);
    }
    return at.isJsonPrimitive() ? at.getAsString() : "";
  }

  /** A changed copy. */
  ApiObject with(Consumer<JsonObject> edit) {
    JsonObject copy = json.deepCopy();
    edit.accept(copy);
    return new ApiObject(copy);
  }

  ApiObject withMetadata(Consumer<JsonObject> edit) {
    return with(copy -> edit.accept(copy.getAsJsonObject("metadata")));
  }

  /** The JSON, a copy that the caller may change. */
  JsonObject json() {
    return json.deepCopy();
  }

  /** The object as the client's model of it. */
  <T> T as(Class<T> model) {
    return JSON.getGson().fromJson(json, model);
  }

  boolean sameContent(ApiObject other) {
    return json.equals(other.json);
  }

  @Override
  public String toString() {
    return json.toString();
  }
}
