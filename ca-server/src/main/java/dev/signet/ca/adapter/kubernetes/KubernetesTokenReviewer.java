package dev.signet.ca.adapter.kubernetes;

import dev.signet.ca.attestation.ServiceAccountToken;
import dev.signet.ca.attestation.TokenReviewer;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.TokenReview;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.AuthenticationV1Api;
import io.kubernetes.client.openapi.models.V1TokenReview;
import io.kubernetes.client.openapi.models.V1TokenReviewSpec;
import java.util.Map;
import java.util.Objects;
import okhttp3.Call;

/** Token reviews by {@code authentication.k8s.io/v1}. Thread-safe. */
final class KubernetesTokenReviewer implements TokenReviewer {
  private static final String WHAT = "TokenReview";

  private final AuthenticationV1Api api;
  private final ApiExchange exchange;

  KubernetesTokenReviewer(AuthenticationV1Api api, ApiExchange exchange) {
    this.api = api;
    this.exchange = exchange;
  }

  @Override
  public TokenReview review(ServiceAccountToken token, String audience)
      throws RefusedException, InterruptedException {
    // Without an audience the API server would check for its own: any pod's default token passes.
    V1TokenReview body =
        new V1TokenReview()
            .spec(new V1TokenReviewSpec().token(token.reveal()).addAudiencesItem(audience));
    ApiJson.ReviewStatus status = exchange.send(WHAT, call(body), ApiJson.Review.class).status();
    if (status == null) {
      throw new RefusedException(
          RefusalReason.KUBERNETES_UNAVAILABLE, WHAT + ": the answer has no status");
    }
    ApiJson.User user = status.user();
    if (!Boolean.TRUE.equals(status.authenticated()) || user == null) {
      return TokenReview.rejected(ApiJson.orEmpty(status.error()));
    }
    return new TokenReview(
        true,
        ApiJson.orEmpty(status.error()),
        ApiJson.orNone(status.audiences()),
        ApiJson.orEmpty(user.username()),
        ApiJson.orEmpty(user.uid()),
        ApiJson.orNone(user.groups()),
        Objects.requireNonNullElse(user.extra(), Map.of()));
  }

  private Call call(V1TokenReview body) {
    try {
      return api.createTokenReview(body).buildCall(null);
    } catch (ApiException e) {
      // Only a missing parameter does this.
      throw new IllegalStateException(e);
    }
  }
}
