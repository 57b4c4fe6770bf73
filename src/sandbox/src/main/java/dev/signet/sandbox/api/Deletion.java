package dev.signet.sandbox.api;

import com.google.gson.JsonObject;
import java.time.Instant;
import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a deletion asks for, and what it makes of an object (k8s.io/apiserver, {@code
 * registry/rest/delete.go}, and the pod strategy). A scheduled pod that has not ended is only
 * marked: its kubelet removes it with grace period 0.
 *
 * @param grace seconds the caller grants; empty for the pod's own
 * @param uid the object must have this UID, if not empty
 */
record Deletion(OptionalLong grace, String uid, String resourceVersion) {

  static Deletion of(ApiRequest request) {
    JsonObject options = Bodies.options(request);
    JsonObject preconditions =
        options.get("preconditions") instanceof JsonObject object ? object : new JsonObject();
    String grace = text(options, "gracePeriodSeconds");
    long seconds = request.number("gracePeriodSeconds", -1);
    try {
      return new Deletion(
          grace.isEmpty()
              ? seconds < 0 ? OptionalLong.empty() : OptionalLong.of(seconds)
              : OptionalLong.of(Long.parseLong(grace)),
          text(preconditions, "uid"),
          text(preconditions, "resourceVersion"));
    } catch (NumberFormatException e) {
      throw ApiFailure.badRequest("gracePeriodSeconds: not a whole number");
    }
  }

  private static String text(JsonObject object, String name) {
    return object.has(name) && object.get(name).isJsonPrimitive()
        ? object.get(name).getAsString()
        : "";
  }

  /**
   * The marked object, or null to remove it now. A pod is always marked first, and its watchers see
   * that, also if no time is left to it: {@link #isDue} then.
   */
  @Nullable ApiObject apply(Resource resource, ApiObject current, Instant now) {
    demand(resource, current, "UID", uid, current.uid());
    demand(
        resource,
        current,
        "ResourceVersion",
        resourceVersion,
        current.text("metadata", "resourceVersion"));
    if (resource != Resource.PODS) {
      return null;
    }
    return current.deletionTimestamp().isPresent() ? shortened(current) : marked(current, now);
  }

  /** Whether a marked object is to be removed at once. */
  static boolean isDue(Resource resource, ApiObject marked) {
    return resource == Resource.PODS
        && marked.text("metadata", "deletionGracePeriodSeconds").equals("0");
  }

  private static void demand(
      Resource resource, ApiObject current, String what, String wanted, String actual) {
    if (!wanted.isEmpty() && !wanted.equals(actual)) {
      throw ApiFailure.conflict(
          resource,
          current.name(),
          String.format(
              Locale.ROOT,
              "Precondition failed: %s in precondition: %s, %s in object meta: %s",
              what,
              wanted,
              what,
              actual));
    }
  }

  private ApiObject marked(ApiObject pod, Instant now) {
    String phase = pod.text("status", "phase");
    boolean ended = phase.equals("Succeeded") || phase.equals("Failed");
    boolean unscheduled = pod.text("spec", "nodeName").isEmpty();
    long seconds =
        grace.orElseGet(() -> Long.parseLong(pod.text("spec", "terminationGracePeriodSeconds")));
    long period = ended || unscheduled ? 0 : seconds < 0 ? 1 : seconds;
    return withMark(pod, now.plusSeconds(period), period);
  }

  /** A second deletion can only shorten the time that the first one left. */
  private ApiObject shortened(ApiObject pod) {
    long before = Long.parseLong(pod.text("metadata", "deletionGracePeriodSeconds"));
    long period = Math.max(0, grace.orElse(before));
    if (period >= before) {
      return pod;
    }
    Instant deleted =
        pod.deletionTimestamp().orElseThrow().minusSeconds(before).plusSeconds(period);
    return withMark(pod, deleted, period);
  }

  private static ApiObject withMark(ApiObject pod, Instant at, long period) {
    return pod.withMetadata(metadata -> {
      metadata.addProperty("deletionTimestamp", ApiObject.time(at));
      metadata.addProperty("deletionGracePeriodSeconds", period);
    });
  }
}
