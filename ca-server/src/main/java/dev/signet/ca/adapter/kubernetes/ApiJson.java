package dev.signet.ca.adapter.kubernetes;

import com.google.gson.Gson;
import com.google.gson.annotations.SerializedName;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The parts of the API's answers that are looked at. The client's own models read every field of an
 * object and fail at the first that they do not like; a pod must not go without an identity for an
 * unusual field of its volumes.
 */
final class ApiJson {
  static final Gson GSON = new Gson();

  private ApiJson() {}

  /** {@code authentication.k8s.io/v1 TokenReview}. */
  record Review(@Nullable ReviewStatus status) {}

  record ReviewStatus(
      @Nullable Boolean authenticated,
      @Nullable String error,
      @Nullable List<String> audiences,
      @Nullable User user) {}

  record User(
      @Nullable String username,
      @Nullable String uid,
      @Nullable List<String> groups,
      @Nullable Map<String, List<String>> extra) {}

  /** {@code v1 Pod}, and its {@code PartialObjectMetadata}. */
  record Pod(@Nullable Metadata metadata, @Nullable PodSpec spec, @Nullable PodStatus status) {}

  record Metadata(
      @Nullable String namespace,
      @Nullable String name,
      @Nullable String uid,
      @Nullable String resourceVersion,
      @Nullable String deletionTimestamp) {}

  record PodSpec(@Nullable String serviceAccountName, @Nullable String nodeName) {}

  record PodStatus(@Nullable String phase) {}

  /** A list, or one page of it. */
  record PodList(@Nullable ListMetadata metadata, @Nullable List<Pod> items) {}

  record ListMetadata(
      @Nullable String resourceVersion, @SerializedName("continue") @Nullable String next) {}

  /** One line of a watch; the object is a pod or, for an error, a {@code Status}. */
  record WatchEvent(@Nullable String type, @Nullable WatchObject object) {}

  record WatchObject(@Nullable Metadata metadata, @Nullable Integer code) {}

  /** {@code v1 Status}: why a request failed. */
  record Status(@Nullable String kind, @Nullable String reason) {}

  /** {@code authorization.k8s.io/v1 SelfSubjectAccessReview}. */
  record Access(@Nullable AccessStatus status) {}

  record AccessStatus(@Nullable Boolean allowed) {}

  /** The claims of a bound token that say which pod it is for; unverified. */
  record Claims(@SerializedName("kubernetes.io") @Nullable Binding kubernetes) {}

  record Binding(@Nullable String namespace, @Nullable Reference pod) {}

  record Reference(@Nullable String name) {}

  static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  static <T> List<T> orNone(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}
