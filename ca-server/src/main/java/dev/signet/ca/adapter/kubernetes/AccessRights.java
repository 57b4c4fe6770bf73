package dev.signet.ca.adapter.kubernetes;

import dev.signet.ca.issuance.RefusedException;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.AuthorizationV1Api;
import io.kubernetes.client.openapi.models.V1ResourceAttributes;
import io.kubernetes.client.openapi.models.V1SelfSubjectAccessReview;
import io.kubernetes.client.openapi.models.V1SelfSubjectAccessReviewSpec;
import java.util.ArrayList;
import java.util.List;
import okhttp3.Call;

/** Asks the API server whether this CA may do what it must. Thread-safe. */
final class AccessRights {
  private static final List<Right> NEEDED =
      List.of(
          new Right("create", "authentication.k8s.io", "tokenreviews"),
          new Right("get", "", "pods"),
          new Right("list", "", "pods"),
          new Right("watch", "", "pods"));

  private final AuthorizationV1Api api;
  private final ApiExchange exchange;

  AccessRights(AuthorizationV1Api api, ApiExchange exchange) {
    this.api = api;
    this.exchange = exchange;
  }

  record Right(String verb, String group, String resource) {
    /** In the words of a role, such as {@code create tokenreviews.authentication.k8s.io}. */
    @Override
    public String toString() {
      return verb + " " + resource + (group.isEmpty() ? "" : "." + group);
    }
  }

  /** Those rights that are missing. */
  List<Right> missing() throws RefusedException, InterruptedException {
    List<Right> missing = new ArrayList<>();
    for (Right right : NEEDED) {
      ApiJson.AccessStatus status =
          exchange.send("SelfSubjectAccessReview", call(right), ApiJson.Access.class).status();
      if (status == null || !Boolean.TRUE.equals(status.allowed())) {
        missing.add(right);
      }
    }
    return missing;
  }

  private Call call(Right right) {
    V1ResourceAttributes attributes =
        new V1ResourceAttributes()
            .verb(right.verb())
            .group(right.group())
            .resource(right.resource());
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
