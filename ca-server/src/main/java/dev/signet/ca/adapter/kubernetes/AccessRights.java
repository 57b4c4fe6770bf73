package dev.signet.ca.adapter.kubernetes;

import dev.signet.ca.issuance.RefusedException;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.AuthorizationV1Api;
import io.kubernetes.client.openapi.models.V1ResourceAttributes;
import io.kubernetes.client.openapi.models.V1SelfSubjectAccessReview;
import io.kubernetes.client.openapi.models.V1SelfSubjectAccessReviewSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import okhttp3.Call;

/**
 * Asks the API server whether this CA may do what it must, and whether it may do what it never
 * should (KUBERNETES section 7). Thread-safe.
 */
final class AccessRights {
  private static final List<Right> FOR_ATTESTATION =
      List.of(
          Right.everywhere("create", "authentication.k8s.io", "tokenreviews"),
          Right.everywhere("get", "", "pods"),
          Right.everywhere("list", "", "pods"),
          Right.everywhere("watch", "", "pods"));

  // Each of them makes its holder somebody else, or everybody.
  private static final List<Right> NEVER =
      List.of(
          Right.everywhere("get", "", "nodes/proxy"),
          Right.everywhere("create", "", "nodes/proxy"),
          Right.everywhere("create", "", "serviceaccounts/token"),
          Right.everywhere("get", "", "secrets"),
          Right.everywhere("list", "", "secrets"),
          Right.everywhere("impersonate", "", "users"),
          Right.everywhere("impersonate", "", "groups"),
          Right.everywhere("impersonate", "", "serviceaccounts"),
          Right.everywhere("*", "", "pods"),
          Right.everywhere("*", "authentication.k8s.io", "tokenreviews"),
          Right.everywhere("get", "*", "*"),
          Right.everywhere("*", "*", "*"));

  private final AuthorizationV1Api api;
  private final ApiExchange exchange;
  private final List<Right> needed;
  private final List<Right> never;

  /**
   * Sends nothing.
   *
   * @param configMap where the bundle is published, if in one: its namespace is this CA's own
   */
  AccessRights(AuthorizationV1Api api, ApiExchange exchange, Optional<ConfigMapName> configMap) {
    this.api = api;
    this.exchange = exchange;
    this.needed =
        Stream.concat(
                FOR_ATTESTATION.stream(),
                configMap.stream()
                    .flatMap(
                        name -> Stream.of(ConfigMapVerb.values()).map(verb -> verb.rule(name))))
            .toList();
    this.never =
        Stream.concat(
                NEVER.stream(),
                configMap.stream()
                    .map(ConfigMapName::namespace)
                    .flatMap(own ->
                        Stream.of(
                            new Right("create", "", "serviceaccounts/token", own, ""),
                            new Right("get", "", "secrets", own, ""),
                            new Right("list", "", "secrets", own, ""),
                            new Right("*", "*", "*", own, ""))))
            .toList();
  }

  /** Those rights that are missing. */
  List<Right> missing() throws RefusedException, InterruptedException {
    List<Right> missing = new ArrayList<>();
    for (Right right : needed) {
      if (!has(right)) {
        missing.add(right);
      }
    }
    return missing;
  }

  /** Those rights that this CA has and should not have. */
  List<Right> excess() throws RefusedException, InterruptedException {
    List<Right> excess = new ArrayList<>();
    for (Right right : never) {
      // Who may do it everywhere may do it here: once is enough to say it.
      boolean said =
          excess.contains(Right.everywhere(right.verb(), right.group(), right.resource()));
      if (!said && has(right)) {
        excess.add(right);
      }
    }
    return excess;
  }

  /** What to add, and where. */
  static String mend(List<Right> missing) {
    return missing.stream()
        .map(right ->
            (right.namespace().isEmpty()
                    ? "to its ClusterRole "
                    : "to its Role in " + right.namespace() + " ")
                + right.inRole())
        .collect(Collectors.joining(", ", "add ", ""));
  }

  private boolean has(Right right) throws RefusedException, InterruptedException {
    ApiJson.AccessStatus status =
        exchange.send("SelfSubjectAccessReview", call(right), ApiJson.Access.class).status();
    return status != null && Boolean.TRUE.equals(status.allowed());
  }

  private Call call(Right right) {
    V1ResourceAttributes attributes =
        new V1ResourceAttributes()
            .verb(right.verb())
            .group(right.group())
            .resource(right.resourceAlone())
            .subresource(right.subresource())
            .namespace(right.namespace())
            .name(right.name());
    try {
      return api.createSelfSubjectAccessReview(
              new V1SelfSubjectAccessReview()
                  .spec(new V1SelfSubjectAccessReviewSpec().resourceAttributes(attributes)))
          .buildCall(null);
    } catch (ApiException e) {
      // Only a missing parameter does this.
      throw new IllegalStateException(e);
    }
  }
}
