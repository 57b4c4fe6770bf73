package dev.signet.sandbox.endtoend;

import dev.signet.proto.agent.v1.AgentReview;
import dev.signet.sandbox.world.World;
import io.kubernetes.client.openapi.apis.AuthenticationV1Api;
import io.kubernetes.client.openapi.models.V1TokenReview;
import io.kubernetes.client.openapi.models.V1TokenReviewSpec;
import io.kubernetes.client.openapi.models.V1TokenReviewStatus;
import io.kubernetes.client.openapi.models.V1UserInfo;
import java.util.List;
import java.util.Objects;

/** Reviews as an agent sends them: true ones, and false ones made of these. */
final class Reviews {
  private static final String EXTRA = "authentication.kubernetes.io/";

  private Reviews() {}

  /** What the API server of the world says of a pod's token. */
  static AgentReview of(World world, String token) throws Exception {
    V1TokenReview asked =
        new V1TokenReview()
            .spec(
                new V1TokenReviewSpec()
                    .token(token)
                    .audiences(List.of(world.config().workloadAudience())));
    V1TokenReviewStatus status =
        Objects.requireNonNull(
            new AuthenticationV1Api(world.api().admin().client())
                .createTokenReview(asked)
                .execute()
                .getStatus());
    V1UserInfo user = Objects.requireNonNull(status.getUser());
    AgentReview.Builder review =
        AgentReview.newBuilder()
            .addAllAudiences(Objects.requireNonNull(status.getAudiences(), status.getError()))
            .setUsername(Objects.requireNonNull(user.getUsername()))
            .setUid(Objects.requireNonNull(user.getUid()))
            .addAllGroups(Objects.requireNonNull(user.getGroups()));
    Objects.requireNonNull(user.getExtra())
        .forEach((key, values) ->
            review.addExtra(AgentReview.Extra.newBuilder().setKey(key).addAllValues(values)));
    return review.build();
  }

  /** With another value in place of one. */
  static AgentReview with(AgentReview review, String key, String value) {
    AgentReview.Builder changed = review.toBuilder().clearExtra();
    review.getExtraList().stream()
        .map(extra ->
            extra.getKey().equals(EXTRA + key)
                ? extra.toBuilder().clearValues().addValues(value).build()
                : extra)
        .forEach(changed::addExtra);
    return changed.build();
  }
}
