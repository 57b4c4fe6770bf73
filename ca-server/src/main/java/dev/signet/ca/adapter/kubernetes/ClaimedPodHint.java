package dev.signet.ca.adapter.kubernetes;

import com.google.gson.JsonParseException;
import dev.signet.ca.attestation.PodHint;
import dev.signet.ca.attestation.PodName;
import dev.signet.ca.attestation.ServiceAccountToken;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** Reads the pod out of the claims that Kubernetes puts into a pod-bound token (KEP-1205). */
final class ClaimedPodHint implements PodHint {
  @Override
  public Optional<PodName> of(ServiceAccountToken token) {
    String jwt = token.reveal();
    String payload = jwt.substring(jwt.indexOf('.') + 1, jwt.lastIndexOf('.'));
    try {
      String json = new String(Base64.getUrlDecoder().decode(payload), StandardCharsets.UTF_8);
      ApiJson.Claims claims = ApiJson.GSON.fromJson(json, ApiJson.Claims.class);
      ApiJson.Binding binding = claims == null ? null : claims.kubernetes();
      ApiJson.Reference pod = binding == null ? null : binding.pod();
      return pod == null || binding == null
          ? Optional.empty()
          : Optional.of(
              new PodName(ApiJson.orEmpty(binding.namespace()), ApiJson.orEmpty(pod.name())));
    } catch (IllegalArgumentException | JsonParseException e) {
      return Optional.empty();
    }
  }
}
