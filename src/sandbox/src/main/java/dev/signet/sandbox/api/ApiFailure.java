package dev.signet.sandbox.api;

import com.google.gson.JsonObject;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1Status;
import io.kubernetes.client.openapi.models.V1StatusCause;
import io.kubernetes.client.openapi.models.V1StatusDetails;
import java.util.List;

/**
 * A request that failed, with the Status object that says so. Codes, reasons and texts are those of
 * a real API server (k8s.io/apimachinery, {@code api/errors}).
 */
final class ApiFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int code;
  private final transient V1Status status;
  private final transient V1StatusDetails details;

  private ApiFailure(int code, String reason, String message, V1StatusDetails details) {
    super(message, null, false, false);
    this.code = code;
    this.details = details;
    this.status =
        new V1Status()
            .apiVersion("v1")
            .kind("Status")
            .status("Failure")
            .code(code)
            .reason(reason)
            .message(message)
            .details(details);
  }

  static ApiFailure badRequest(String message) {
    return new ApiFailure(400, "BadRequest", message, new V1StatusDetails());
  }

  static ApiFailure unauthorized() {
    return new ApiFailure(401, "Unauthorized", "Unauthorized", new V1StatusDetails());
  }

  static ApiFailure forbidden(String group, String resource, String name, String why) {
    String what = group.isEmpty() ? resource : resource + "." + group;
    String message = what + (name.isEmpty() ? "" : " \"" + name + "\"") + " is forbidden: " + why;
    return new ApiFailure(403, "Forbidden", message, details(group, resource, name));
  }

  static ApiFailure notFound(Resource resource, String name) {
    return new ApiFailure(
        404,
        "NotFound",
        resource.qualified() + " \"" + name + "\" not found",
        details(resource.group(), resource.plural(), name));
  }

  static ApiFailure noSuchResource() {
    return new ApiFailure(
        404, "NotFound", "the server could not find the requested resource", new V1StatusDetails());
  }

  static ApiFailure methodNotAllowed() {
    return new ApiFailure(
        405,
        "MethodNotAllowed",
        "the server does not allow this method on the requested resource",
        new V1StatusDetails());
  }

  static ApiFailure notAcceptable(String message) {
    return new ApiFailure(406, "NotAcceptable", message, new V1StatusDetails());
  }

  static ApiFailure alreadyExists(Resource resource, String name) {
    return new ApiFailure(
        409,
        "AlreadyExists",
        resource.qualified() + " \"" + name + "\" already exists",
        details(resource.group(), resource.plural(), name));
  }

  static ApiFailure conflict(Resource resource, String name, String why) {
    return new ApiFailure(
        409,
        "Conflict",
        "Operation cannot be fulfilled on " + resource.qualified() + " \"" + name + "\": " + why,
        details(resource.group(), resource.plural(), name));
  }

  /** The history that was asked for is no longer kept: list again. */
  static ApiFailure expired(long asked, long oldest) {
    return new ApiFailure(
        410,
        "Expired",
        "too old resource version: " + asked + " (" + oldest + ")",
        new V1StatusDetails());
  }

  static ApiFailure unsupportedMediaType() {
    return new ApiFailure(
        415,
        "UnsupportedMediaType",
        "the body of the request was in an unknown format - accepted media types include: application/json",
        new V1StatusDetails());
  }

  /** One field of the object that was sent is wrong. */
  static ApiFailure invalid(Kind kind, String name, String field, String reason, String why) {
    return new ApiFailure(
        422,
        "Invalid",
        kind.qualified() + " \"" + name + "\" is invalid: " + field + ": " + why,
        details(kind.group(), kind.kind(), name)
            .causes(List.of(new V1StatusCause().field(field).reason(reason).message(why))));
  }

  static ApiFailure tooManyRequests(int retryAfterSeconds) {
    return new ApiFailure(
        429,
        "TooManyRequests",
        "the server has received too many requests and has asked us to try again later",
        new V1StatusDetails().retryAfterSeconds(retryAfterSeconds));
  }

  static ApiFailure internal() {
    return new ApiFailure(500, "InternalError", "Internal error occurred", new V1StatusDetails());
  }

  static ApiFailure unavailable() {
    return new ApiFailure(
        503,
        "ServiceUnavailable",
        "the server is currently unable to handle the request",
        new V1StatusDetails());
  }

  static ApiFailure futureResourceVersion(long asked, long current) {
    return new ApiFailure(
        504,
        "Timeout",
        "Too large resource version: " + asked + ", current: " + current,
        new V1StatusDetails().retryAfterSeconds(1));
  }

  private static V1StatusDetails details(String group, String kind, String name) {
    return new V1StatusDetails()
        .group(group.isEmpty() ? null : group)
        .kind(kind)
        .name(name.isEmpty() ? null : name);
  }

  int code() {
    return code;
  }

  /** Seconds for the Retry-After header, 0 for none. */
  int retryAfterSeconds() {
    Integer seconds = details.getRetryAfterSeconds();
    return seconds == null ? 0 : seconds;
  }

  JsonObject json() {
    JsonObject json = JSON.getGson().toJsonTree(status).getAsJsonObject();
    json.add("metadata", new JsonObject());
    if (json.getAsJsonObject("details").isEmpty()) {
      json.remove("details");
    }
    return json;
  }

  /** A kind in its group, as validation errors name it. */
  record Kind(String group, String kind) {
    static final Kind TOKEN_REQUEST = new Kind("authentication.k8s.io", "TokenRequest");

    static Kind of(Resource resource) {
      return new Kind(resource.group(), resource.kind());
    }

    String qualified() {
      return group.isEmpty() ? kind : kind + "." + group;
    }
  }
}
