package dev.signet.ca.adapter.kubernetes;

import dev.signet.ca.attestation.PodName;
import dev.signet.ca.attestation.PodReader;
import dev.signet.ca.issuance.PodState;
import dev.signet.ca.issuance.RefusedException;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import java.util.Optional;
import okhttp3.Call;

/** Pods as the API server has them now: a get without resourceVersion is never from a cache. */
final class KubernetesPodReader implements PodReader {
  private final CoreV1Api api;
  private final ApiExchange exchange;

  KubernetesPodReader(CoreV1Api api, ApiExchange exchange) {
    this.api = api;
    this.exchange = exchange;
  }

  @Override
  public Optional<PodState> read(PodName name) throws RefusedException, InterruptedException {
    return exchange
        .sendForOptional("get pod " + name, call(name), ApiJson.Pod.class)
        .map(KubernetesPodReader::state);
  }

  private Call call(PodName name) {
    try {
      return api.readNamespacedPod(name.name(), name.namespace()).buildCall(null);
    } catch (ApiException e) {
      // Only a missing parameter does this.
      throw new IllegalStateException(e);
    }
  }

  /** What is missing becomes empty or unknown, which no decision takes for good. */
  private static PodState state(ApiJson.Pod pod) {
    ApiJson.Metadata metadata = pod.metadata();
    ApiJson.PodSpec spec = pod.spec();
    ApiJson.PodStatus status = pod.status();
    return new PodState(
        metadata == null ? "" : ApiJson.orEmpty(metadata.namespace()),
        metadata == null ? "" : ApiJson.orEmpty(metadata.name()),
        metadata == null ? "" : ApiJson.orEmpty(metadata.uid()),
        spec == null ? "" : ApiJson.orEmpty(spec.serviceAccountName()),
        spec == null ? "" : ApiJson.orEmpty(spec.nodeName()),
        phase(status == null ? "" : ApiJson.orEmpty(status.phase())),
        metadata != null && metadata.deletionTimestamp() != null);
  }

  private static PodState.Phase phase(String text) {
    return switch (text) {
      case "Pending" -> PodState.Phase.PENDING;
      case "Running" -> PodState.Phase.RUNNING;
      case "Succeeded" -> PodState.Phase.SUCCEEDED;
      case "Failed" -> PodState.Phase.FAILED;
      default -> PodState.Phase.UNKNOWN;
    };
  }
}
