package dev.signet.sandbox.api;

import static dev.signet.sandbox.api.ContractWorld.failure;
import static dev.signet.sandbox.api.ContractWorld.metadata;
import static dev.signet.sandbox.api.ContractWorld.uid;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kubernetes.client.openapi.models.V1DeleteOptions;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodList;
import io.kubernetes.client.openapi.models.V1Preconditions;
import io.kubernetes.client.openapi.models.V1Status;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import okhttp3.Call;
import okhttp3.Response;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/**
 * Pods and the life of their objects: what the CA reads, and what a kubelet does to them
 * (KUBERNETES.md 1, 7, 9).
 */
@NullUnmarked // Fields of the client\'s models may all be absent: where one must not be, the test
// fails by itself.
interface PodContract {
  String METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
  String METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

  ContractWorld world();

  /** The facts that the CA decides by: UID, ServiceAccount, node, phase, deletion mark. */
  @Test
  default void newPod_isPendingWithUidAccountAndNode() throws Exception {
    world().account("web");
    V1Pod created = world().pod("web-1", "web", world().unique("node"));

    V1Pod pod = world().core().readNamespacedPod("web-1", world().namespace()).execute();

    assertThat(uid(pod))
        .isEqualTo(uid(created))
        .matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    assertThat(pod.getSpec().getServiceAccountName()).isEqualTo("web");
    assertThat(pod.getSpec().getNodeName()).isEqualTo(world().unique("node"));
    assertThat(pod.getSpec().getTerminationGracePeriodSeconds()).isEqualTo(30L);
    assertThat(pod.getSpec().getRestartPolicy()).isEqualTo("Always");
    assertThat(pod.getStatus().getPhase()).isEqualTo("Pending");
    assertThat(pod.getMetadata().getDeletionTimestamp()).isNull();
  }

  /** A pod without an account of its own runs as {@code default}, which every namespace gets. */
  @Test
  default void podThatNamesNoAccount_runsAsDefault() throws Exception {
    ContractWorld.await(() ->
        !world()
            .core()
            .listNamespacedServiceAccount(world().namespace())
            .execute()
            .getItems()
            .isEmpty());

    V1Pod pod = world().pod("web-1", null, world().unique("node"));

    assertThat(pod.getSpec().getServiceAccountName()).isEqualTo("default");
  }

  @Test
  default void podOfAnUnknownAccount_isForbidden() {
    V1Status status = failure(() -> world().pod("web-1", "none", world().unique("node")));

    assertThat(status.getCode()).isEqualTo(403);
    assertThat(status.getReason()).isEqualTo("Forbidden");
  }

  @Test
  default void podWithoutContainers_isInvalid() throws Exception {
    world().account("web");
    V1Pod pod = world().podObject("web-1", "web", null);
    pod.getSpec().setContainers(List.of());

    V1Status status =
        failure(() -> world().core().createNamespacedPod(world().namespace(), pod).execute());

    assertThat(status.getCode()).isEqualTo(422);
    assertThat(status.getReason()).isEqualTo("Invalid");
    assertThat(status.getDetails().getCauses().get(0).getField()).isEqualTo("spec.containers");
  }

  @Test
  default void unknownPod_isNotFound() {
    V1Status status =
        failure(() -> world().core().readNamespacedPod("none", world().namespace()).execute());

    assertThat(status.getCode()).isEqualTo(404);
    assertThat(status.getReason()).isEqualTo("NotFound");
    assertThat(status.getDetails().getName()).isEqualTo("none");
    assertThat(status.getDetails().getKind()).isEqualTo("pods");
    assertThat(status.getMessage()).isEqualTo("pods \"none\" not found");
  }

  @Test
  default void takenName_alreadyExists() throws Exception {
    world().account("web");
    world().pod("web-1", "web", world().unique("node"));

    V1Status status = failure(() -> world().pod("web-1", "web", world().unique("node")));

    assertThat(status.getCode()).isEqualTo(409);
    assertThat(status.getReason()).isEqualTo("AlreadyExists");
  }

  @Test
  default void unknownNamespace_isNotFound() {
    V1Pod pod = world().podObject("web-1", "web", null);

    V1Status status =
        failure(() -> world().core().createNamespacedPod(world().unique("none"), pod).execute());

    // The account is looked up first on some versions, the namespace on others.
    assertThat(status.getCode()).isIn(403, 404);
  }

  @Test
  default void illegalName_isInvalid() {
    V1Namespace namespace = new V1Namespace().metadata(new V1ObjectMeta().name("Not_A_Name"));

    assertThat(failure(() -> world().core().createNamespace(namespace).execute()).getCode())
        .isEqualTo(422);
  }

  /** A status update changes the status alone; one based on an old version is refused. */
  @Test
  default void staleStatusUpdate_isAConflict() throws Exception {
    world().account("web");
    V1Pod pod = world().pod("web-1", "web", world().unique("node"));
    String firstVersion = metadata(pod.getMetadata()).getResourceVersion();
    V1Pod running = world().phase(pod, "Running");
    assertThat(running.getStatus().getPhase()).isEqualTo("Running");
    assertThat(running.getSpec().getServiceAccountName()).isEqualTo("web");
    running.getMetadata().setResourceVersion(firstVersion);

    V1Status status = failure(() -> world().phase(running, "Succeeded"));

    assertThat(status.getCode()).isEqualTo(409);
    assertThat(status.getReason()).isEqualTo("Conflict");
  }

  /**
   * {@code deletionTimestamp} already includes the grace period; the pod stays until its kubelet
   * removes it.
   */
  @Test
  default void deletedPod_isMarkedAtTheEndOfItsGrace() throws Exception {
    world().account("web");
    V1Pod pod = world().pod("web-1", "web", world().unique("node"));

    V1Pod answer =
        world()
            .core()
            .deleteNamespacedPod("web-1", world().namespace())
            .gracePeriodSeconds(40)
            .execute();

    assertThat(answer.getMetadata().getDeletionGracePeriodSeconds()).isEqualTo(40L);
    V1Pod marked = world().core().readNamespacedPod("web-1", world().namespace()).execute();
    Duration ahead =
        Duration.between(
            marked.getMetadata().getCreationTimestamp(),
            marked.getMetadata().getDeletionTimestamp());
    assertThat(ahead).isBetween(Duration.ofSeconds(39), Duration.ofSeconds(60));
    assertThat(uid(marked)).isEqualTo(uid(pod));
    world().remove(pod);
    assertThat(
            failure(() -> world().core().readNamespacedPod("web-1", world().namespace()).execute())
                .getCode())
        .isEqualTo(404);
  }

  /** A second deletion can only shorten the grace. */
  @Test
  default void secondDeletion_neverLengthensTheGrace() throws Exception {
    world().account("web");
    world().pod("web-1", "web", world().unique("node"));
    world()
        .core()
        .deleteNamespacedPod("web-1", world().namespace())
        .gracePeriodSeconds(30)
        .execute();

    V1Pod longer =
        world()
            .core()
            .deleteNamespacedPod("web-1", world().namespace())
            .gracePeriodSeconds(300)
            .execute();
    assertThat(longer.getMetadata().getDeletionGracePeriodSeconds()).isEqualTo(30L);
    V1Pod shorter =
        world()
            .core()
            .deleteNamespacedPod("web-1", world().namespace())
            .gracePeriodSeconds(5)
            .execute();
    assertThat(shorter.getMetadata().getDeletionGracePeriodSeconds()).isEqualTo(5L);
  }

  /** The official client's model sends an empty overhead unless it is told not to. */
  @Test
  default void podWithOverheadAndNoRuntimeClass_isForbidden() throws Exception {
    world().account("web");
    V1Pod pod = world().podObject("web-1", "web", null);
    pod.getSpec().overhead(Map.of());

    V1Status failure =
        failure(() -> world().core().createNamespacedPod(world().namespace(), pod).execute());

    assertThat(failure.getCode()).isEqualTo(403);
    assertThat(failure.getMessage())
        .contains("Pod Overhead set without corresponding RuntimeClass defined Overhead");
  }

  /** A kubelet removes exactly the pod that it ran: the UID is a precondition. */
  @Test
  default void removalOfAnotherUid_isAConflict() throws Exception {
    world().account("web");
    world().pod("web-1", "web", world().unique("node"));
    V1DeleteOptions options =
        new V1DeleteOptions()
            .gracePeriodSeconds(0L)
            .preconditions(new V1Preconditions().uid("1c3ee5a0-0000-4000-8000-000000000000"));

    V1Status status =
        failure(() ->
            world()
                .core()
                .deleteNamespacedPod("web-1", world().namespace())
                .body(options)
                .execute());

    assertThat(status.getCode()).isEqualTo(409);
    assertThat(status.getReason()).isEqualTo("Conflict");
  }

  /** Nobody has to wait for a pod that no kubelet runs, or that has ended. */
  @Test
  default void unscheduledOrEndedPod_isRemovedAtOnce() throws Exception {
    world().account("web");
    world().pod("web-1", "web", null);
    world().phase(world().pod("web-2", "web", world().unique("node")), "Failed");

    world().core().deleteNamespacedPod("web-1", world().namespace()).execute();
    world().core().deleteNamespacedPod("web-2", world().namespace()).execute();

    assertThat(world().core().listNamespacedPod(world().namespace()).execute().getItems())
        .isEmpty();
  }

  /** Field selectors {@code metadata.name}, {@code spec.nodeName}, {@code status.phase}. */
  @Test
  default void fieldSelectors_chooseByNameNodeAndPhase() throws Exception {
    world().account("web");
    world().pod("one", "web", world().unique("node-a"));
    world().pod("two", "web", world().unique("node-b"));
    world().phase(world().pod("three", "web", world().unique("node-b")), "Succeeded");

    assertThat(names("metadata.name=two")).containsExactly("two");
    assertThat(names("spec.nodeName=" + world().unique("node-b")))
        .containsExactlyInAnyOrder("two", "three");
    assertThat(names("spec.nodeName=" + world().unique("node-b") + ",status.phase!=Succeeded"))
        .containsExactly("two");
    assertThat(names("status.phase=Succeeded")).containsExactly("three");
    assertThat(failure(() -> names("spec.unknown=1")).getCode()).isEqualTo(400);
  }

  private List<String> names(String selector) throws Exception {
    V1PodList list =
        world().core().listNamespacedPod(world().namespace()).fieldSelector(selector).execute();
    assertThat(list.getKind()).isEqualTo("PodList");
    assertThat(list.getMetadata().getResourceVersion()).isNotBlank();
    return list.getItems().stream().map(ContractWorld::name).toList();
  }

  /**
   * Metadata only: a list is asked for as a list, a single object as an object, and each refuses
   * the other.
   */
  @Test
  default void metadataOnly_leavesSpecAndStatusOut() throws Exception {
    world().account("web");
    V1Pod pod = world().pod("web-1", "web", world().unique("node"));
    Call list = world().core().listNamespacedPod(world().namespace()).buildCall(null);
    Call read = world().core().readNamespacedPod("web-1", world().namespace()).buildCall(null);

    JsonObject metadataList = body(list, METADATA_LIST, 200);
    assertThat(metadataList.get("kind").getAsString()).isEqualTo("PartialObjectMetadataList");
    assertThat(metadataList.get("apiVersion").getAsString()).isEqualTo("meta.k8s.io/v1");
    JsonObject item = metadataList.getAsJsonArray("items").get(0).getAsJsonObject();
    assertThat(ContractWorld.text(item, "metadata", "uid")).isEqualTo(uid(pod));
    assertThat(item.has("spec")).isFalse();
    JsonObject metadata = body(read, METADATA, 200);
    assertThat(metadata.get("kind").getAsString()).isEqualTo("PartialObjectMetadata");
    assertThat(metadata.has("status")).isFalse();
    assertThat(body(list, METADATA, 406).get("reason").getAsString()).isEqualTo("NotAcceptable");
  }

  private JsonObject body(Call call, String accept, int code) throws Exception {
    Call changed =
        world()
            .client()
            .getHttpClient()
            .newCall(call.request().newBuilder().header("Accept", accept).build());
    try (Response response = changed.execute()) {
      assertThat(response.code()).isEqualTo(code);
      return JsonParser.parseString(response.body().string()).getAsJsonObject();
    }
  }
}
