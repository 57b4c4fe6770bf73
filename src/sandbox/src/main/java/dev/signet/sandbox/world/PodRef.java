package dev.signet.sandbox.world;

import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodSpec;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A pod of the API, by what is fixed in its life. */
public record PodRef(String namespace, String name, String uid, String node, String account) {
  static PodRef of(V1Pod pod) {
    V1ObjectMeta metadata = Objects.requireNonNull(pod.getMetadata(), "metadata");
    V1PodSpec spec = Objects.requireNonNull(pod.getSpec(), "spec");
    return new PodRef(
        text(metadata.getNamespace()),
        text(metadata.getName()),
        text(metadata.getUid()),
        text(spec.getNodeName()),
        text(spec.getServiceAccountName()));
  }

  private static String text(@Nullable String value) {
    return Optional.ofNullable(value).orElse("");
  }
}
