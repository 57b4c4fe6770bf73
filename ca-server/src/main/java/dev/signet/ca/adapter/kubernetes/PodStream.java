package dev.signet.ca.adapter.kubernetes;

import dev.signet.ca.issuance.RefusedException;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import java.time.Duration;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** The two requests of a watch, both for metadata only. Thread-safe. */
final class PodStream {
  // KEP-2334: the server cuts each object down to its metadata, whatever the resource.
  private static final String LIST =
      "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
  private static final String OBJECT =
      "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
  private static final int PAGE = 500;
  private static final Duration LENGTH = Duration.ofMinutes(5);
  // The server ends a watch after LENGTH; one that is silent beyond that is dead.
  private static final Duration SILENCE = LENGTH.plusSeconds(30);

  private final CoreV1Api api;
  private final OkHttpClient patient;
  private final ApiExchange exchange;
  private final WatchedPhase phase;

  PodStream(CoreV1Api api, ApiExchange exchange, WatchedPhase phase) {
    this.api = api;
    this.patient = KubernetesClient.forWatch(api.getApiClient(), SILENCE);
    this.exchange = exchange;
    this.phase = phase;
  }

  /**
   * One page of the list. Without a resourceVersion the list is as new as the store itself: an
   * older one could call a new pod missing.
   */
  ApiJson.PodList list(@Nullable String next) throws RefusedException, InterruptedException {
    CoreV1Api.APIlistPodForAllNamespacesRequest request =
        api.listPodForAllNamespaces().limit(PAGE).fieldSelector(phase.fieldSelector());
    if (next != null) {
      request = request._continue(next);
    }
    Call call = api.getApiClient().getHttpClient().newCall(accepting(LIST, request));
    return exchange.send("list pods", call, ApiJson.PodList.class);
  }

  /** Opens the watch; the response is the caller's to read and close. */
  Response watch(String resourceVersion) throws RefusedException, InterruptedException {
    CoreV1Api.APIlistPodForAllNamespacesRequest request =
        api.listPodForAllNamespaces()
            .watch(true)
            .allowWatchBookmarks(true)
            .resourceVersion(resourceVersion)
            .timeoutSeconds(Math.toIntExact(LENGTH.toSeconds()))
            .fieldSelector(phase.fieldSelector());
    return exchange.open("watch pods", patient.newCall(accepting(OBJECT, request)));
  }

  void requireSuccess(Response response) throws RefusedException {
    exchange.requireSuccess("watch pods", response);
  }

  private static Request accepting(
      String type, CoreV1Api.APIlistPodForAllNamespacesRequest request) {
    try {
      return request.buildCall(null).request().newBuilder().header("Accept", type).build();
    } catch (ApiException e) {
      // Only a missing parameter does this.
      throw new IllegalStateException(e);
    }
  }
}
