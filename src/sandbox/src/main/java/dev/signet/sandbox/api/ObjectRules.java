package dev.signet.sandbox.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.signet.sandbox.api.ApiFailure.Kind;
import java.time.Instant;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * What the API makes of an object that is created: checks, the fields it owns, and defaults. Pure
 * but for the UID.
 */
final class ObjectRules {
  private static final Pattern SUBDOMAIN =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
  private static final Pattern PATH_SEGMENT = Pattern.compile("[^/%]+");

  private ObjectRules() {}

  /** The object as it is first stored (but for its resource version). */
  static ApiObject forCreation(Resource resource, String namespace, JsonObject sent, Instant now) {
    JsonObject metadata = sent.getAsJsonObject("metadata");
    if (metadata.has("resourceVersion")) {
      throw ApiFailure.badRequest("resourceVersion should not be set on objects to be created");
    }
    if (resource.namespaced()) {
      demandNamespace(metadata, namespace);
      metadata.addProperty("namespace", namespace);
    }
    demandName(resource, text(metadata, "name"));
    for (String owned :
        new String[] {
          "deletionTimestamp", "deletionGracePeriodSeconds", "managedFields", "selfLink"
        }) {
      metadata.remove(owned);
    }
    metadata.addProperty("uid", UUID.randomUUID().toString());
    metadata.addProperty("creationTimestamp", ApiObject.time(now));
    switch (resource) {
      case PODS -> preparePod(sent);
      case NODES -> sent.add("status", new JsonObject());
      case NAMESPACES -> phase(sent, "Active");
      case CSI_DRIVERS -> prepareCsiDriver(sent);
      case SERVICE_ACCOUNTS, CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS -> sent.remove("status");
    }
    return ApiObject.of(sent);
  }

  private static void demandNamespace(JsonObject metadata, String namespace) {
    String named = text(metadata, "namespace");
    if (!named.isEmpty() && !named.equals(namespace)) {
      throw ApiFailure.badRequest(
          "the namespace of the provided object does not match the namespace sent on the request");
    }
  }

  private static void demandName(Resource resource, String name) {
    if (name.isEmpty()) {
      throw ApiFailure.invalid(
          Kind.of(resource),
          name,
          "metadata.name",
          "FieldValueRequired",
          "Required value: name or generateName is required");
    }
    Pattern legal =
        switch (resource) {
          case NAMESPACES -> LABEL;
          case CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS -> PATH_SEGMENT;
          default -> SUBDOMAIN;
        };
    int longest = resource == Resource.NAMESPACES || resource == Resource.CSI_DRIVERS ? 63 : 253;
    if (name.length() > longest || !legal.matcher(name).matches()) {
      throw ApiFailure.invalid(
          Kind.of(resource),
          name,
          "metadata.name",
          "FieldValueInvalid",
          "Invalid value: \"" + name + "\": not a name that this resource may have");
    }
  }

  private static void preparePod(JsonObject pod) {
    JsonObject spec = child(pod, "spec");
    String name = text(pod.getAsJsonObject("metadata"), "name");
    if (!(spec.get("containers") instanceof JsonArray containers) || containers.isEmpty()) {
      throw ApiFailure.invalid(
          Kind.of(Resource.PODS), name, "spec.containers", "FieldValueRequired", "Required value");
    }
    // Admission plugin RuntimeClass; an empty map is one, too.
    if (spec.has("overhead")
        && !spec.get("overhead").isJsonNull()
        && !spec.has("runtimeClassName")) {
      throw ApiFailure.forbidden(
          "",
          "pods",
          name,
          "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
    }
    defaultText(spec, "restartPolicy", "Always");
    defaultText(spec, "serviceAccountName", "default");
    spec.addProperty("serviceAccount", text(spec, "serviceAccountName"));
    if (!spec.has("terminationGracePeriodSeconds")) {
      spec.addProperty("terminationGracePeriodSeconds", 30);
    }
    for (JsonElement source : tokenSources(spec)) {
      JsonObject token = source.getAsJsonObject();
      if (!token.has("expirationSeconds")) {
        token.addProperty("expirationSeconds", 3600);
      }
    }
    phase(pod, "Pending");
  }

  private static JsonArray tokenSources(JsonObject spec) {
    JsonArray found = new JsonArray();
    if (spec.get("volumes") instanceof JsonArray volumes) {
      for (JsonElement volume : volumes) {
        if (volume.getAsJsonObject().get("projected") instanceof JsonObject projected
            && projected.get("sources") instanceof JsonArray sources) {
          for (JsonElement source : sources) {
            if (source.getAsJsonObject().get("serviceAccountToken") instanceof JsonObject token) {
              found.add(token);
            }
          }
        }
      }
    }
    return found;
  }

  private static void prepareCsiDriver(JsonObject driver) {
    JsonObject spec = child(driver, "spec");
    defaultFlag(spec, "attachRequired", true);
    defaultFlag(spec, "podInfoOnMount", false);
    defaultFlag(spec, "requiresRepublish", false);
    if (!spec.has("volumeLifecycleModes")) {
      JsonArray modes = new JsonArray();
      modes.add("Persistent");
      spec.add("volumeLifecycleModes", modes);
    }
  }

  private static void phase(JsonObject object, String phase) {
    JsonObject status = new JsonObject();
    status.addProperty("phase", phase);
    object.add("status", status);
  }

  private static JsonObject child(JsonObject object, String name) {
    if (!(object.get(name) instanceof JsonObject child)) {
      JsonObject made = new JsonObject();
      object.add(name, made);
      return made;
    }
    return child;
  }

  private static void defaultText(JsonObject object, String name, String value) {
    if (text(object, name).isEmpty()) {
      object.addProperty(name, value);
    }
  }

  private static void defaultFlag(JsonObject object, String name, boolean value) {
    if (!object.has(name)) {
      object.addProperty(name, value);
    }
  }

  private static String text(JsonObject object, String name) {
    return object.has(name) && object.get(name).isJsonPrimitive()
        ? object.get(name).getAsString()
        : "";
  }
}
