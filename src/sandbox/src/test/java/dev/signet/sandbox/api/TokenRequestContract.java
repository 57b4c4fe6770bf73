package dev.signet.sandbox.api;

import static dev.signet.sandbox.api.ContractWorld.AUDIENCE;
import static dev.signet.sandbox.api.ContractWorld.claims;
import static dev.signet.sandbox.api.ContractWorld.failure;
import static dev.signet.sandbox.api.ContractWorld.metadata;
import static dev.signet.sandbox.api.ContractWorld.uid;
import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.models.AuthenticationV1TokenRequest;
import io.kubernetes.client.openapi.models.V1Node;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import io.kubernetes.client.openapi.models.V1Status;
import io.kubernetes.client.openapi.models.V1TokenRequestSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** TokenRequest and bound tokens, KUBERNETES.md section 2; NodeRestriction, section 8. */
@NullUnmarked // Fields of the client\'s models may all be absent: where one must not be, the test
// fails by itself.
interface TokenRequestContract {
  ContractWorld world();

  /**
   * Claims: {@code iss}, {@code sub}, {@code aud} (array), {@code exp}, {@code iat}, {@code nbf},
   * {@code jti}, {@code kubernetes.io}.
   */
  @Test
  default void podToken_hasTheClaimsOfItsObjects() throws Exception {
    V1ServiceAccount account = world().account("web");
    String nodeName = world().unique("node");
    V1Node node = world().node(nodeName);
    V1Pod pod = world().pod("web-1", "web", nodeName);

    Map<String, Object> claims = claims(world().nodeToken(pod, "web", AUDIENCE));

    assertThat(claims).containsKeys("iss", "exp", "iat", "nbf", "jti");
    assertThat(claims)
        .containsEntry("sub", "system:serviceaccount:" + world().namespace() + ":web")
        .containsEntry("aud", List.of(AUDIENCE))
        .containsEntry(
            "kubernetes.io",
            Map.of(
                "namespace", world().namespace(),
                "serviceaccount",
                    Map.of("name", "web", "uid", metadata(account.getMetadata()).getUid()),
                "pod", Map.of("name", "web-1", "uid", uid(pod)),
                "node", Map.of("name", nodeName, "uid", metadata(node.getMetadata()).getUid())));
  }

  /** Default 3600; {@code status.expirationTimestamp} says when it ends. */
  @Test
  default void lifetime_is3600SecondsByDefault() throws Exception {
    world().account("web");

    AuthenticationV1TokenRequest answer =
        world().request(world().client(), "web", world().spec(AUDIENCE));

    Map<String, Object> claims = claims(answer.getStatus().getToken());
    assertThat(lifetime(claims)).isEqualTo(Duration.ofHours(1));
    assertThat(answer.getStatus().getExpirationTimestamp().toEpochSecond())
        .isBetween(seconds(claims, "exp") - 1, seconds(claims, "exp") + 1);
  }

  /** Minimum {@code expirationSeconds}: 600. */
  @Test
  default void lifetimeBelow600Seconds_isInvalid() throws Exception {
    world().account("web");

    V1Status status =
        failure(() ->
            world()
                .request(world().client(), "web", world().spec(AUDIENCE).expirationSeconds(599L)));

    assertThat(status.getCode()).isEqualTo(422);
    assertThat(status.getReason()).isEqualTo("Invalid");
    assertThat(status.getMessage()).contains("spec.expirationSeconds");
    assertThat(
            lifetime(
                claims(
                    world()
                        .request(
                            world().client(), "web", world().spec(AUDIENCE).expirationSeconds(600L))
                        .getStatus()
                        .getToken())))
        .isEqualTo(Duration.ofMinutes(10));
  }

  /** Stretched tokens: only 3607 s for the API server's own audience, and only pod-bound. */
  @Test
  default void stretchedLifetime_isForTheApiServersAudienceAlone() throws Exception {
    world().account("web");
    V1Pod pod = world().pod("web-1", "web", world().unique("node"));
    V1TokenRequestSpec spec =
        world().spec().boundObjectRef(world().reference(pod)).expirationSeconds(3607L);
    String stretched = world().request(world().client(), "web", spec).getStatus().getToken();
    String ours =
        world()
            .request(world().client(), "web", spec.audiences(List.of(AUDIENCE)))
            .getStatus()
            .getToken();

    assertThat(lifetime(claims(stretched))).isGreaterThan(Duration.ofDays(300));
    assertThat(lifetime(claims(ours))).isEqualTo(Duration.ofSeconds(3607));
    assertThat(claims(stretched).get("kubernetes.io").toString()).contains("warnafter");
    assertThat(claims(ours).get("kubernetes.io").toString()).doesNotContain("warnafter");
  }

  @Test
  default void anotherPodUid_isAConflict() throws Exception {
    world().account("web");
    V1Pod pod = world().pod("web-1", "web", world().unique("node"));
    V1TokenRequestSpec spec =
        world()
            .spec(AUDIENCE)
            .boundObjectRef(world().reference(pod).uid("1c3ee5a0-0000-4000-8000-000000000000"));

    V1Status status = failure(() -> world().request(world().client(), "web", spec));

    assertThat(status.getCode()).isEqualTo(409);
    assertThat(status.getReason()).isEqualTo("Conflict");
  }

  @Test
  default void podOfAnotherAccount_isABadRequest() throws Exception {
    world().account("web");
    world().account("other");
    V1Pod pod = world().pod("web-1", "web", world().unique("node"));
    V1TokenRequestSpec spec = world().spec(AUDIENCE).boundObjectRef(world().reference(pod));

    assertThat(failure(() -> world().request(world().client(), "other", spec)).getCode())
        .isEqualTo(400);
  }

  @Test
  default void unknownPodOrAccount_isNotFound() throws Exception {
    world().account("web");
    V1Pod pod = world().pod("web-1", "web", world().unique("node"));
    V1TokenRequestSpec spec = world().spec(AUDIENCE).boundObjectRef(world().reference(pod));
    world().remove(pod);

    assertThat(failure(() -> world().request(world().client(), "web", spec)).getCode())
        .isEqualTo(404);
    assertThat(
            failure(() -> world().request(world().client(), "none", world().spec(AUDIENCE)))
                .getCode())
        .isEqualTo(404);
  }

  /** NodeRestriction: a kubelet may request tokens only for pods bound to its own node. */
  @Test
  default void kubelet_getsTokensOfItsOwnPodsOnly() throws Exception {
    world().account("web");
    String own = world().unique("own");
    String other = world().unique("other");
    V1Pod ownPod = world().pod("web-1", "web", own);
    V1Pod otherPod = world().pod("web-2", "web", other);
    ApiClient kubelet = kubelet(own);
    // No audience (the API server's own): from 1.33 on a kubelet may ask only for those that the
    // pod's volumes name.
    V1TokenRequestSpec ownSpec = world().spec().boundObjectRef(world().reference(ownPod));
    V1TokenRequestSpec otherSpec = world().spec().boundObjectRef(world().reference(otherPod));

    // The node authoriser learns of a pod a moment after its creation.
    ContractWorld.await(() -> granted(kubelet, ownSpec));
    assertThat(failure(() -> world().request(kubelet, "web", otherSpec)).getReason())
        .isEqualTo("Forbidden");
  }

  /** NodeRestriction: a kubelet's token request names a pod and its UID. */
  @Test
  default void kubelet_getsNoTokenThatIsBoundToNoPod() throws Exception {
    world().account("web");
    String own = world().unique("own");
    V1Pod pod = world().pod("web-1", "web", own);
    ApiClient kubelet = kubelet(own);
    ContractWorld.await(
        () -> granted(kubelet, world().spec().boundObjectRef(world().reference(pod))));

    assertThat(failure(() -> world().request(kubelet, "web", world().spec())).getCode())
        .isEqualTo(403);
    V1TokenRequestSpec withoutUid = world().spec().boundObjectRef(world().reference(pod).uid(null));
    assertThat(failure(() -> world().request(kubelet, "web", withoutUid)).getCode()).isEqualTo(403);
  }

  private boolean granted(ApiClient kubelet, V1TokenRequestSpec spec) throws ApiException {
    try {
      world().request(kubelet, "web", spec);
      return true;
    } catch (ApiException e) {
      if (e.getCode() != 403) {
        throw e;
      }
      return false;
    }
  }

  private ApiClient kubelet(String node) {
    return world().as("system:node:" + node, "system:nodes");
  }

  private static Duration lifetime(Map<String, Object> claims) {
    return Duration.ofSeconds(seconds(claims, "exp") - seconds(claims, "iat"));
  }

  private static long seconds(Map<String, Object> claims, String name) {
    return ((Number) claims.get(name)).longValue();
  }
}
