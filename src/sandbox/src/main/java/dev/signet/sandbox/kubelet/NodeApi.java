package dev.signet.sandbox.kubelet;

import dev.signet.sandbox.api.ApiAccess;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.apis.StorageV1Api;
import io.kubernetes.client.openapi.models.AuthenticationV1TokenRequest;
import io.kubernetes.client.openapi.models.V1BoundObjectReference;
import io.kubernetes.client.openapi.models.V1CSIDriver;
import io.kubernetes.client.openapi.models.V1DeleteOptions;
import io.kubernetes.client.openapi.models.V1Node;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodCondition;
import io.kubernetes.client.openapi.models.V1PodStatus;
import io.kubernetes.client.openapi.models.V1Preconditions;
import io.kubernetes.client.openapi.models.V1TokenRequestSpec;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;

/** What a kubelet asks of the API server, with its node's identity. Thread-safe. */
final class NodeApi {
  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;

  private final ApiClient client;
  private final CoreV1Api core;
  private final StorageV1Api storage;
  private final InstantSource clock;

  NodeApi(ApiAccess access, InstantSource clock) {
    this.client = access.client();
    this.core = new CoreV1Api(client);
    this.storage = new StorageV1Api(client);
    this.clock = clock;
  }

  /** Makes sure that the node's object exists. */
  void register(String nodeName) throws ApiException {
    try {
      V1Node node =
          new V1Node().apiVersion("v1").kind("Node").metadata(new V1ObjectMeta().name(nodeName));
      core.createNode(node).execute();
    } catch (ApiException e) {
      if (e.getCode() != CONFLICT) {
        throw e;
      }
    }
  }

  V1CSIDriver driver(String name) throws ApiException {
    return storage.readCSIDriver(name).execute();
  }

  /** A token of the pod's account that is bound to the pod. */
  AuthenticationV1TokenRequest requestToken(BoundPod pod, String audience, long seconds)
      throws ApiException {
    V1TokenRequestSpec spec =
        new V1TokenRequestSpec()
            .audiences(audience.isEmpty() ? List.of() : List.of(audience))
            .expirationSeconds(seconds)
            .boundObjectRef(
                new V1BoundObjectReference()
                    .apiVersion("v1")
                    .kind("Pod")
                    .name(pod.name())
                    .uid(pod.uid()));
    return core.createNamespacedServiceAccountToken(
            pod.account(), pod.namespace(), new AuthenticationV1TokenRequest().spec(spec))
        .execute();
  }

  /**
   * Writes a pod's phase; nothing to do if the pod is gone. A pod that changed meanwhile is read
   * again by the next try.
   */
  void writePhase(BoundPod pod, String phase) throws ApiException {
    try {
      V1Pod current = core.readNamespacedPod(pod.name(), pod.namespace()).execute();
      if (!BoundPod.of(current).uid().equals(pod.uid())) {
        return;
      }
      V1PodStatus status = Objects.requireNonNullElseGet(current.getStatus(), V1PodStatus::new);
      if (status.getStartTime() == null) {
        status.setStartTime(
            clock.instant().truncatedTo(ChronoUnit.SECONDS).atOffset(ZoneOffset.UTC));
      }
      String ready = phase.equals("Running") ? "True" : "False";
      status.phase(phase).conditions(List.of(new V1PodCondition().type("Ready").status(ready)));
      core.replaceNamespacedPodStatus(pod.name(), pod.namespace(), current.status(status))
          .execute();
    } catch (ApiException e) {
      if (e.getCode() != NOT_FOUND) {
        throw e;
      }
    }
  }

  /**
   * Removes the object of a pod that has ended here; another pod of the same name is left alone.
   */
  void remove(BoundPod pod) throws ApiException {
    try {
      core.deleteNamespacedPod(pod.name(), pod.namespace())
          .body(
              new V1DeleteOptions()
                  .gracePeriodSeconds(0L)
                  .preconditions(new V1Preconditions().uid(pod.uid())))
          .execute();
    } catch (ApiException e) {
      if (e.getCode() != NOT_FOUND && e.getCode() != CONFLICT) {
        throw e;
      }
    }
  }

  /** What a call failed with, on one line: the answer's code, or why there was none. */
  static String reason(ApiException failure) {
    return failure.getCode() == 0
        ? "no answer (" + failure.getCause() + ")"
        : "HTTP " + failure.getCode();
  }

  /** Frees the connections; calls that are under way fail. */
  void close() {
    client.getHttpClient().dispatcher().cancelAll();
    client.getHttpClient().connectionPool().evictAll();
    client.getHttpClient().dispatcher().executorService().shutdown();
  }
}
