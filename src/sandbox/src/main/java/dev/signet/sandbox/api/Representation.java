package dev.signet.sandbox.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How the caller wants its answer ({@code Accept}): whole objects, or their metadata only. As on a
 * real server the first acceptable entry of the header counts, and {@code as=PartialObjectMetadata}
 * fits single objects and watches while lists need {@code as=PartialObjectMetadataList}
 * (k8s.io/apiserver, {@code endpoints/handlers/response.go}).
 */
enum Representation {
  WHOLE,
  METADATA,
  METADATA_LIST;

  private static final String META = "meta.k8s.io/v1";

  static Representation of(ApiRequest request) {
    String accept = String.join(",", request.headers("accept"));
    for (String range : accept.isBlank() ? List.of("*/*") : List.of(accept.split(",", -1))) {
      Map<String, String> parameters = new HashMap<>();
      String[] parts = range.trim().toLowerCase(Locale.ROOT).split("\\s*;\\s*", -1);
      for (int i = 1; i < parts.length; i++) {
        int equals = parts[i].indexOf('=');
        parameters.put(
            equals < 0 ? parts[i] : parts[i].substring(0, equals), parts[i].substring(equals + 1));
      }
      boolean json =
          parts[0].equals("application/json")
              || parts[0].equals("*/*")
              || parts[0].equals("application/*");
      if (json && !parameters.containsKey("as")) {
        return WHOLE;
      }
      if (json && "meta.k8s.io".equals(parameters.get("g")) && "v1".equals(parameters.get("v"))) {
        String as = parameters.getOrDefault("as", "");
        if (as.equals("partialobjectmetadata")) {
          return METADATA;
        }
        if (as.equals("partialobjectmetadatalist")) {
          return METADATA_LIST;
        }
      }
    }
    throw ApiFailure.notAcceptable(
        "only the following media types are accepted: application/json,"
            + " application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,"
            + " application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
  }

  JsonObject object(ApiObject object) {
    return switch (this) {
      case WHOLE -> object.json();
      case METADATA -> metadata(object);
      case METADATA_LIST ->
          throw ApiFailure.notAcceptable(
              "you requested PartialObjectMetadataList, but the requested object is not a list");
    };
  }

  JsonObject list(Resource resource, long version, List<ApiObject> objects) {
    JsonArray items = new JsonArray();
    for (ApiObject object : objects) {
      items.add(item(object));
    }
    JsonObject metadata = new JsonObject();
    metadata.addProperty("resourceVersion", Long.toString(version));
    JsonObject list = new JsonObject();
    list.addProperty(
        "kind", this == WHOLE ? resource.kind() + "List" : "PartialObjectMetadataList");
    list.addProperty("apiVersion", this == WHOLE ? resource.apiVersion() : META);
    list.add("metadata", metadata);
    list.add("items", items);
    return list;
  }

  private JsonObject item(ApiObject object) {
    return switch (this) {
      case WHOLE -> {
        JsonObject item = object.json();
        // Items of a typed list do not repeat their kind.
        item.remove("kind");
        item.remove("apiVersion");
        yield item;
      }
      case METADATA ->
          throw ApiFailure.notAcceptable(
              "you requested PartialObjectMetadata, but the requested object is a list");
      case METADATA_LIST -> metadata(object);
    };
  }

  /** What a bookmark carries: only how far the watch has seen everything. */
  JsonObject bookmark(Resource resource, long version) {
    JsonObject metadata = new JsonObject();
    metadata.addProperty("resourceVersion", Long.toString(version));
    JsonObject object = new JsonObject();
    object.addProperty("kind", this == WHOLE ? resource.kind() : "PartialObjectMetadata");
    object.addProperty("apiVersion", this == WHOLE ? resource.apiVersion() : META);
    object.add("metadata", metadata);
    return object;
  }

  private static JsonObject metadata(ApiObject object) {
    JsonObject partial = new JsonObject();
    partial.addProperty("kind", "PartialObjectMetadata");
    partial.addProperty("apiVersion", META);
    partial.add("metadata", object.json().get("metadata"));
    return partial;
  }
}
