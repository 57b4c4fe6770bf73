package dev.signet.sandbox.api;

import static dev.signet.sandbox.api.ContractWorld.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kubernetes.client.openapi.apis.CoreV1Api.APIlistNamespacedPodRequest;
import io.kubernetes.client.openapi.models.V1Pod;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import okhttp3.Call;
import okhttp3.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/**
 * Watches of pods: what the CA's early removal of rights stands on (DESIGN.md 3, step 8;
 * KUBERNETES.md 7).
 */
@NullUnmarked // Fields of the client\'s models may all be absent: where one must not be, the test
// fails by itself.
interface WatchContract {
  ContractWorld world();

  /** A watch from a list's version shows every later change once, in order. */
  @Test
  default void watchFromAList_showsEveryLaterChangeInOrder() throws Exception {
    world().account("web");
    world().pod("before", "web", world().unique("node"));
    String version = version();
    V1Pod pod = world().pod("web-1", "web", world().unique("node"));
    pod = world().phase(pod, "Running");
    world()
        .core()
        .deleteNamespacedPod("web-1", world().namespace())
        .gracePeriodSeconds(30)
        .execute();
    world().remove(pod);

    try (Events events = watch(pods().resourceVersion(version))) {
      assertEvent(events.next(), "ADDED", "web-1", "Pending");
      assertEvent(events.next(), "MODIFIED", "web-1", "Running");
      JsonObject marked = events.next();
      assertEvent(marked, "MODIFIED", "web-1", "Running");
      assertThat(text(marked.getAsJsonObject("object"), "metadata", "deletionTimestamp"))
          .isNotBlank();
      JsonObject due = events.next();
      assertEvent(due, "MODIFIED", "web-1", "Running");
      assertThat(text(due.getAsJsonObject("object"), "metadata", "deletionGracePeriodSeconds"))
          .as("its kubelet takes the rest of the grace away before the pod goes")
          .isEqualTo("0");
      JsonObject removed = events.next();
      assertEvent(removed, "DELETED", "web-1", "Running");
      assertThat(
              Long.parseLong(
                  text(removed.getAsJsonObject("object"), "metadata", "resourceVersion")))
          .isGreaterThan(
              Long.parseLong(
                  text(marked.getAsJsonObject("object"), "metadata", "resourceVersion")));
    }
  }

  /** Also a pod that no kubelet ran is marked before it goes: whoever watches marks sees it. */
  @Test
  default void watchOfAnUnscheduledPod_showsTheMarkBeforeTheRemoval() throws Exception {
    world().account("web");
    world().pod("web-1", "web", null);
    String version = version();
    world().core().deleteNamespacedPod("web-1", world().namespace()).execute();

    try (Events events = watch(pods().resourceVersion(version))) {
      JsonObject marked = events.next();
      assertEvent(marked, "MODIFIED", "web-1", "Pending");
      assertThat(text(marked.getAsJsonObject("object"), "metadata", "deletionTimestamp"))
          .isNotBlank();
      assertEvent(events.next(), "DELETED", "web-1", "Pending");
    }
  }

  /** A watch shows a change at once, not at its end. */
  @Test
  default void openWatch_showsAChangeAsItHappens() throws Exception {
    world().account("web");
    try (Events events = watch(pods().resourceVersion(version()))) {
      world().pod("web-1", "web", world().unique("node"));

      assertEvent(events.next(), "ADDED", "web-1", "Pending");
    }
  }

  /** A watch without a version begins with what exists. */
  @Test
  default void watchWithoutAVersion_beginsWithWhatExists() throws Exception {
    world().account("web");
    world().pod("web-1", "web", world().unique("node"));

    try (Events events = watch(pods())) {
      assertEvent(events.next(), "ADDED", "web-1", "Pending");
    }
  }

  /**
   * A watch of finished phases: a pod that begins to match is ADDED, one that ceases to is DELETED.
   */
  @Test
  default void watchBySelector_addsWhatBeginsToMatch() throws Exception {
    world().account("web");
    V1Pod pod = world().pod("web-1", "web", world().unique("node"));
    String version = version();
    pod = world().phase(pod, "Running");
    world().phase(pod, "Succeeded");

    try (Events finished =
            watch(pods().resourceVersion(version).fieldSelector("status.phase=Succeeded"));
        Events pending =
            watch(pods().resourceVersion(version).fieldSelector("status.phase=Pending"))) {
      assertEvent(finished.next(), "ADDED", "web-1", "Succeeded");
      assertThat(pending.next().get("type").getAsString()).isEqualTo("DELETED");
    }
  }

  /** A watch of metadata carries no spec. */
  @Test
  default void watchOfMetadata_carriesPartialObjects() throws Exception {
    world().account("web");
    String version = version();
    world().pod("web-1", "web", world().unique("node"));

    try (Events events = watch(pods().resourceVersion(version), PodContract.METADATA)) {
      JsonObject object = events.next().getAsJsonObject("object");
      assertThat(object.get("kind").getAsString()).isEqualTo("PartialObjectMetadata");
      assertThat(text(object, "metadata", "name")).isEqualTo("web-1");
      assertThat(object.has("spec")).isFalse();
    }
  }

  /**
   * Too old a version: an ERROR event with a Status of code 410, and the stream ends. The watcher
   * lists again.
   */
  @Test
  default void watchFromTooOldAVersion_isGone() throws Exception {
    try (Events events = watch(pods().resourceVersion("1"))) {
      JsonObject event = events.next();
      assertThat(event.get("type").getAsString()).isEqualTo("ERROR");
      JsonObject status = event.getAsJsonObject("object");
      assertThat(status.get("kind").getAsString()).isEqualTo("Status");
      assertThat(status.get("code").getAsInt()).isEqualTo(410);
      assertThat(status.get("reason").getAsString()).isEqualTo("Expired");
      assertThat(events.rest()).isEmpty();
    }
  }

  /**
   * {@code timeoutSeconds} ends a watch; with {@code allowWatchBookmarks} it tells before how far
   * it has seen.
   */
  @Test
  default void watchWithBookmarks_endsInTimeWithOne() throws Exception {
    world().account("web");
    String version = version();
    world().pod("web-1", "web", world().unique("node"));

    try (Events events =
        watch(pods().resourceVersion(version).timeoutSeconds(3).allowWatchBookmarks(true))) {
      assertEvent(events.next(), "ADDED", "web-1", "Pending");
      List<JsonObject> rest = events.rest();
      assertThat(rest)
          .isNotEmpty()
          .allMatch(event -> event.get("type").getAsString().equals("BOOKMARK"));
      JsonObject object = rest.get(0).getAsJsonObject("object");
      assertThat(object.get("kind").getAsString()).isEqualTo("Pod");
      assertThat(Long.parseLong(text(object, "metadata", "resourceVersion")))
          .isGreaterThan(Long.parseLong(version));
    }
  }

  private String version() throws Exception {
    return pods().execute().getMetadata().getResourceVersion();
  }

  private APIlistNamespacedPodRequest pods() {
    return world().core().listNamespacedPod(world().namespace());
  }

  private Events watch(APIlistNamespacedPodRequest request) throws Exception {
    return watch(request, "application/json");
  }

  private Events watch(APIlistNamespacedPodRequest request, String accept) throws Exception {
    Call call = request.watch(true).buildCall(null);
    return new Events(
        world()
            .client()
            .getHttpClient()
            .newCall(call.request().newBuilder().header("Accept", accept).build())
            .execute());
  }

  private static void assertEvent(JsonObject event, String type, String name, String phase) {
    assertThat(event.get("type").getAsString()).isEqualTo(type);
    JsonObject object = event.getAsJsonObject("object");
    assertThat(object.get("kind").getAsString()).isEqualTo("Pod");
    assertThat(text(object, "metadata", "name")).isEqualTo(name);
    assertThat(text(object, "status", "phase")).isEqualTo(phase);
  }

  /**
   * The events of one watch as they come; a read waits at most the client's read time-out (10 s).
   */
  final class Events implements AutoCloseable {
    private final Response response;
    private final BufferedReader lines;

    Events(Response response) {
      assertThat(response.code()).isEqualTo(200);
      this.response = response;
      this.lines = new BufferedReader(response.body().charStream());
    }

    JsonObject next() throws IOException {
      String line = lines.readLine();
      assertThat(line).as("the watch goes on").isNotNull();
      return JsonParser.parseString(line).getAsJsonObject();
    }

    /** What comes until the stream ends. */
    List<JsonObject> rest() throws IOException {
      List<JsonObject> rest = new ArrayList<>();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        rest.add(JsonParser.parseString(line).getAsJsonObject());
      }
      return rest;
    }

    @Override
    public void close() {
      response.close();
    }
  }
}
