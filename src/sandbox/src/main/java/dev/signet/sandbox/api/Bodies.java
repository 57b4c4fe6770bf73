package dev.signet.sandbox.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.kubernetes.client.openapi.JSON;

/**
 * What callers send: JSON of the expected kind that the client's model can hold. A field that the
 * model does not know is refused, as a real server does with {@code fieldValidation=Strict}: it
 * would be lost silently.
 */
final class Bodies {
  private Bodies() {}

  /** The object that a request carries, as the API keeps it. */
  static JsonObject object(ApiRequest request, String apiVersion, String kind, Class<?> model) {
    JsonObject sent = parse(request);
    demand(sent, "kind", kind, kind);
    demand(sent, "apiVersion", apiVersion, kind);
    JsonObject kept;
    try {
      kept = JSON.getGson().toJsonTree(JSON.getGson().fromJson(sent, model)).getAsJsonObject();
    } catch (RuntimeException e) {
      // The client's generated adapters throw whatever the wrong type runs into: it is always the
      // body that is wrong.
      throw ApiFailure.badRequest(
          kind
              + " in version \""
              + apiVersion
              + "\" cannot be handled as a "
              + kind
              + ": "
              + e.getMessage());
    }
    dropUnsent(sent, kept);
    kept.addProperty("kind", kind);
    kept.addProperty("apiVersion", apiVersion);
    if (!kept.has("metadata")) {
      kept.add("metadata", new JsonObject());
    }
    return kept;
  }

  /**
   * The model fills empty maps and lists in that nobody sent, and an empty one may say something.
   */
  private static void dropUnsent(JsonElement sent, JsonElement kept) {
    if (sent instanceof JsonObject from && kept instanceof JsonObject to) {
      to.keySet().removeIf(key -> !from.has(key));
      to.entrySet().forEach(entry -> dropUnsent(from.get(entry.getKey()), entry.getValue()));
    } else if (sent instanceof JsonArray from
        && kept instanceof JsonArray to
        && from.size() == to.size()) {
      for (int i = 0; i < to.size(); i++) {
        dropUnsent(from.get(i), to.get(i));
      }
    }
  }

  /** The options of a deletion, which may be absent. */
  static JsonObject options(ApiRequest request) {
    return request.body().isEmpty() ? new JsonObject() : parse(request);
  }

  private static JsonObject parse(ApiRequest request) {
    String type = request.header("content-type").orElse("application/json");
    if (!type.startsWith("application/json")) {
      throw ApiFailure.unsupportedMediaType();
    }
    try {
      if (JsonParser.parseString(request.body()) instanceof JsonObject object) {
        return object;
      }
    } catch (JsonParseException e) {
      // Answered below: the parser's text may quote what was sent, and that may hold a token.
    }
    throw ApiFailure.badRequest("the object provided is unrecognized (must be a JSON object)");
  }

  private static void demand(JsonObject sent, String field, String wanted, String kind) {
    if (sent.has(field)
        && sent.get(field).isJsonPrimitive()
        && !sent.get(field).getAsString().equals(wanted)) {
      throw ApiFailure.badRequest(
          "the "
              + field
              + " in the data ("
              + sent.get(field).getAsString()
              + ") does not match the expected one of "
              + kind
              + " ("
              + wanted
              + ")");
    }
  }
}
