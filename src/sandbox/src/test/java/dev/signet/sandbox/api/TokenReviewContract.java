package dev.signet.sandbox.api;

import static dev.signet.sandbox.api.ContractWorld.AUDIENCE;
import static dev.signet.sandbox.api.ContractWorld.claims;
import static dev.signet.sandbox.api.ContractWorld.failure;
import static dev.signet.sandbox.api.ContractWorld.metadata;
import static dev.signet.sandbox.api.ContractWorld.uid;
import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.openapi.models.V1Node;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import io.kubernetes.client.openapi.models.V1TokenReviewStatus;
import io.kubernetes.client.openapi.models.V1UserInfo;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/** TokenReview, KUBERNETES.md section 1. */
@NullUnmarked // Fields of the client\'s models may all be absent: where one must not be, the test
// fails by itself.
interface TokenReviewContract {
  String EXTRA = "authentication.kubernetes.io/";

  ContractWorld world();

  /** {@code spec.token}: empty = 400. */
  @Test
  default void emptyToken_isABadRequest() {
    assertThat(failure(() -> world().review("", AUDIENCE)).getCode()).isEqualTo(400);
  }

  /**
   * {@code status.authenticated}, {@code status.error}: a bad token answers 201 with false and an
   * error text.
   */
  @Test
  default void badToken_isAnsweredWithFalseAndAnError() throws Exception {
    assertRefused(world().review("not-a-token", AUDIENCE));
  }

  /** What the API server checks: the signature. */
  @Test
  default void tokenWithAnotherSignature_isRefused() throws Exception {
    world().account("web");
    V1Pod one = world().pod("one", "web", world().unique("node"));
    V1Pod two = world().pod("two", "web", world().unique("node"));
    String first = world().podToken(one, "web", AUDIENCE);
    String second = world().podToken(two, "web", AUDIENCE);
    String mixed =
        first.substring(0, first.lastIndexOf('.')) + second.substring(second.lastIndexOf('.'));

    assertRefused(world().review(mixed, AUDIENCE));
  }

  /**
   * {@code status.user}: username, UID of the account, the groups of all accounts and of the
   * namespace.
   */
  @Test
  default void podToken_namesTheAccount() throws Exception {
    V1ServiceAccount account = world().account("web.v2");
    V1Pod pod = world().pod("web-1", "web.v2", world().unique("node"));

    V1TokenReviewStatus status =
        world().review(world().podToken(pod, "web.v2", AUDIENCE), AUDIENCE);

    assertThat(status.getAuthenticated()).isTrue();
    assertThat(status.getAudiences()).containsExactly(AUDIENCE);
    V1UserInfo user = user(status);
    assertThat(user.getUsername())
        .isEqualTo("system:serviceaccount:" + world().namespace() + ":web.v2");
    assertThat(user.getUid()).isEqualTo(metadata(account.getMetadata()).getUid());
    assertThat(user.getGroups())
        .contains(
            "system:serviceaccounts",
            "system:serviceaccounts:" + world().namespace(),
            "system:authenticated");
  }

  /**
   * Extra keys of a pod-bound token: exactly these, one value each; {@code credential-id} is {@code
   * JTI=<uuid>}.
   */
  @Test
  default void podToken_namesPodNodeAndCredential() throws Exception {
    world().account("web");
    V1Node node = world().node(world().unique("node"));
    String nodeName = world().unique("node");
    V1Pod pod = world().pod("web-1", "web", nodeName);
    String token = world().nodeToken(pod, "web", AUDIENCE);

    assertThat(extra(world().review(token, AUDIENCE)))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                EXTRA + "pod-name", List.of("web-1"),
                EXTRA + "pod-uid", List.of(uid(pod)),
                EXTRA + "node-name", List.of(nodeName),
                EXTRA + "node-uid", List.of(metadata(node.getMetadata()).getUid()),
                EXTRA + "credential-id", List.of("JTI=" + claims(token).get("jti"))));
  }

  /** {@code node-uid}: absent when the Node object did not exist at issue time. */
  @Test
  default void tokenIssuedBeforeItsNode_hasNoNodeUid() throws Exception {
    world().account("web");
    String nodeName = world().unique("node");
    V1Pod pod = world().pod("web-1", "web", nodeName);
    String token = world().podToken(pod, "web", AUDIENCE);
    world().node(nodeName);

    Map<String, List<String>> extra = extra(world().review(token, AUDIENCE));

    assertThat(extra)
        .containsEntry(EXTRA + "node-name", List.of(nodeName))
        .doesNotContainKey(EXTRA + "node-uid");
  }

  /** Not checked for pod-bound tokens: that the node still exists, or still has that UID. */
  @Test
  default void tokenOfANodeThatWasMadeAgain_keepsTheOldNodeUid() throws Exception {
    world().account("web");
    String nodeName = world().unique("node");
    V1Node before = world().node(nodeName);
    V1Pod pod = world().pod("web-1", "web", nodeName);
    String token = world().nodeToken(pod, "web", AUDIENCE);
    world().core().deleteNode(nodeName).execute();
    V1Node after = world().core().createNode(new V1Node().metadata(named(nodeName))).execute();

    String uid = extra(world().review(token, AUDIENCE)).get(EXTRA + "node-uid").get(0);

    assertThat(uid)
        .isEqualTo(metadata(before.getMetadata()).getUid())
        .isNotEqualTo(metadata(after.getMetadata()).getUid());
  }

  /** {@code pod-name}, {@code pod-uid}: absent = account-only token. */
  @Test
  default void accountToken_namesNoPod() throws Exception {
    world().account("web");
    String token =
        world().request(world().client(), "web", world().spec(AUDIENCE)).getStatus().getToken();

    assertThat(extra(world().review(token, AUDIENCE))).containsOnlyKeys(EXTRA + "credential-id");
  }

  /** {@code status.audiences}: the intersection of what was asked and what the token has. */
  @Test
  default void severalAudiences_areAnsweredWithTheCommonOnes() throws Exception {
    world().account("web");
    V1Pod pod = world().pod("web-1", "web", world().unique("node"));
    String token = world().podToken(pod, "web", AUDIENCE, "second");

    V1TokenReviewStatus status = world().review(token, "other", AUDIENCE);

    assertThat(status.getAuthenticated()).isTrue();
    assertThat(status.getAudiences()).containsExactly(AUDIENCE);
  }

  /** A wrong audience gives only an error (CLUSTER.md). */
  @Test
  default void wrongAudience_isRefused() throws Exception {
    world().account("web");
    V1Pod pod = world().pod("web-1", "web", world().unique("node"));

    assertRefused(
        world().review(world().podToken(pod, "web", AUDIENCE), "signet://contract.example/agent"));
  }

  /** {@code spec.audiences}: unset means the API server's audiences. */
  @Test
  default void noAudience_meansTheApiServersOwn() throws Exception {
    world().account("web");
    V1Pod pod = world().pod("web-1", "web", world().unique("node"));

    assertRefused(world().review(world().podToken(pod, "web", AUDIENCE)));
    V1TokenReviewStatus own = world().review(world().podToken(pod, "web"));
    assertThat(own.getAuthenticated()).isTrue();
    assertThat(own.getAudiences()).isNotEmpty().doesNotContain(AUDIENCE);
  }

  /** What the API server checks: the bound pod exists. */
  @Test
  default void removedPod_killsItsToken() throws Exception {
    world().account("web");
    V1Pod pod = world().pod("web-1", "web", world().unique("node"));
    String token = world().podToken(pod, "web", AUDIENCE);
    world().remove(pod);

    ContractWorld.await(() -> refused(token));
  }

  /** What the API server checks: the bound pod has an equal UID. */
  @Test
  default void podMadeAgain_doesNotReviveTheOldToken() throws Exception {
    world().account("web");
    V1Pod pod = world().pod("web-1", "web", world().unique("node"));
    String token = world().podToken(pod, "web", AUDIENCE);
    world().remove(pod);
    world().pod("web-1", "web", world().unique("node"));

    ContractWorld.await(() -> refused(token));
  }

  /** What the API server checks: the ServiceAccount exists with an equal UID. */
  @Test
  default void accountMadeAgain_doesNotReviveTheOldToken() throws Exception {
    world().account("web");
    V1Pod pod = world().pod("web-1", "web", world().unique("node"));
    String token = world().podToken(pod, "web", AUDIENCE);
    world().core().deleteNamespacedServiceAccount("web", world().namespace()).execute();
    world().account("web");

    ContractWorld.await(() -> refused(token));
  }

  /** Not checked: the deletion mark. A terminating pod's token is valid. */
  @Test
  default void terminatingPod_keepsItsToken() throws Exception {
    world().account("web");
    V1Pod pod = world().pod("web-1", "web", world().unique("node"));
    String token = world().podToken(pod, "web", AUDIENCE);
    world()
        .core()
        .deleteNamespacedPod("web-1", world().namespace())
        .gracePeriodSeconds(30)
        .execute();

    assertThat(world().review(token, AUDIENCE).getAuthenticated()).isTrue();
    assertThat(world().review(world().podToken(pod, "web", AUDIENCE), AUDIENCE).getAuthenticated())
        .isTrue();
  }

  /** Not checked: the phase. Tokens of ended pods stay valid until the object is removed. */
  @Test
  default void endedPod_keepsItsToken() throws Exception {
    world().account("web");
    V1Pod pod = world().pod("web-1", "web", world().unique("node"));
    String token = world().podToken(pod, "web", AUDIENCE);
    world().phase(pod, "Succeeded");

    assertThat(world().review(token, AUDIENCE).getAuthenticated()).isTrue();
  }

  private boolean refused(String token) throws Exception {
    V1TokenReviewStatus status = world().review(token, AUDIENCE);
    if (Boolean.TRUE.equals(status.getAuthenticated())) {
      return false;
    }
    assertRefused(status);
    return true;
  }

  private static void assertRefused(V1TokenReviewStatus status) {
    assertThat(status.getAuthenticated()).isIn(null, false);
    assertThat(status.getError()).isNotBlank();
    assertThat(status.getAudiences()).isNullOrEmpty();
    assertThat(status.getUser() == null ? null : status.getUser().getUsername()).isNull();
  }

  private static V1UserInfo user(V1TokenReviewStatus status) {
    assertThat(status.getError()).isNull();
    assertThat(status.getUser()).isNotNull();
    return status.getUser();
  }

  private static Map<String, List<String>> extra(V1TokenReviewStatus status) {
    assertThat(user(status).getExtra()).isNotNull();
    return user(status).getExtra();
  }

  private static V1ObjectMeta named(String name) {
    return new V1ObjectMeta().name(name);
  }
}
