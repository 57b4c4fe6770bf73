package dev.signet.sandbox.api;

import static dev.signet.sandbox.api.ContractWorld.AUDIENCE;
import static dev.signet.sandbox.api.ContractWorld.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.AuthorizationV1Api;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.apis.RbacAuthorizationV1Api;
import io.kubernetes.client.openapi.apis.StorageV1Api;
import io.kubernetes.client.openapi.models.RbacV1Subject;
import io.kubernetes.client.openapi.models.StorageV1TokenRequest;
import io.kubernetes.client.openapi.models.V1CSIDriver;
import io.kubernetes.client.openapi.models.V1CSIDriverSpec;
import io.kubernetes.client.openapi.models.V1ClusterRole;
import io.kubernetes.client.openapi.models.V1ClusterRoleBinding;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PolicyRule;
import io.kubernetes.client.openapi.models.V1ResourceAttributes;
import io.kubernetes.client.openapi.models.V1RoleRef;
import io.kubernetes.client.openapi.models.V1SelfSubjectAccessReview;
import io.kubernetes.client.openapi.models.V1SelfSubjectAccessReviewSpec;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;

/**
 * Who may do what: the CA's rights and what it has none of (KUBERNETES.md 7), and the CSIDriver
 * object (3.1).
 */
@NullUnmarked // Fields of the client\'s models may all be absent: where one must not be, the test
// fails by itself.
interface AccessContract {
  ContractWorld world();

  @Test
  default void callerWithoutAToken_isTurnedAway() {
    assertThat(failure(() -> pods(world().anonymous())).getCode()).isIn(401, 403);
  }

  @Test
  default void callerWithABadToken_isUnauthorized() {
    assertThat(failure(() -> pods(world().with("not-a-token"))).getReason())
        .isEqualTo("Unauthorized");
  }

  /** A token of our audience is no credential for the API server. */
  @Test
  default void tokenOfOurAudience_isUnauthorizedAtTheApiServer() throws Exception {
    world().account("web");
    V1Pod pod = world().pod("web-1", "web", world().unique("node"));
    ApiClient web = world().with(world().podToken(pod, "web", AUDIENCE));

    assertThat(failure(() -> pods(web)).getCode()).isEqualTo(401);
  }

  /** An account without roles, as the agent's: nothing. */
  @Test
  default void accountWithoutRoles_mayDoNothing() throws Exception {
    ApiClient agent = account("agent");

    assertThat(failure(() -> pods(agent)).getReason()).isEqualTo("Forbidden");
    assertThat(failure(() -> world().review(agent, "any-token", AUDIENCE)).getReason())
        .isEqualTo("Forbidden");
    assertThat(failure(() -> world().request(agent, "agent", world().spec(AUDIENCE))).getReason())
        .isEqualTo("Forbidden");
  }

  /** The CA's rights: {@code tokenreviews} create; {@code pods} get, list, watch; nothing else. */
  @Test
  default void accountWithTheCasRole_mayDoThatAndNothingElse() throws Exception {
    ApiClient ca = account("ca");
    grant("ca");
    ContractWorld.await(() -> may(ca, "create", "authentication.k8s.io", "tokenreviews", ""));

    assertThat(world().review(ca, "any-token", AUDIENCE).getError()).isNotBlank();
    pods(ca);
    assertThat(may(ca, "get", "", "pods", "")).isTrue();
    assertThat(may(ca, "watch", "", "pods", "")).isTrue();
    assertThat(may(ca, "delete", "", "pods", "")).isFalse();
    assertThat(may(ca, "get", "", "nodes", "")).isFalse();
    assertThat(may(ca, "create", "", "serviceaccounts", "token")).isFalse();
    assertThat(failure(() -> world().request(ca, "ca", world().spec(AUDIENCE))).getCode())
        .isEqualTo(403);
    assertThat(failure(() -> new CoreV1Api(ca).listNode().execute()).getCode()).isEqualTo(403);
    assertThat(
            failure(() -> new CoreV1Api(ca).deleteNamespacedPod("x", world().namespace()).execute())
                .getCode())
        .isEqualTo(403);
  }

  /** CSIDriver: what kubelet reads of our driver, as it was written. */
  @Test
  default void csiDriver_keepsWhatKubeletActsOn() throws Exception {
    String name = world().unique("csi.contract") + ".example";
    V1CSIDriver driver =
        new V1CSIDriver()
            .apiVersion("storage.k8s.io/v1")
            .kind("CSIDriver")
            .metadata(new V1ObjectMeta().name(name))
            .spec(
                new V1CSIDriverSpec()
                    .attachRequired(false)
                    .podInfoOnMount(true)
                    .requiresRepublish(true)
                    .fsGroupPolicy("None")
                    .volumeLifecycleModes(List.of("Ephemeral"))
                    .tokenRequests(
                        List.of(
                            new StorageV1TokenRequest()
                                .audience(AUDIENCE)
                                .expirationSeconds(3600L)))
                    .serviceAccountTokenInSecrets(true));
    StorageV1Api storage = new StorageV1Api(world().client());
    storage.createCSIDriver(driver).execute();
    world().afterwards(() -> storage.deleteCSIDriver(name).execute());

    V1CSIDriverSpec spec = storage.readCSIDriver(name).execute().getSpec();

    assertThat(spec.getAttachRequired()).isFalse();
    assertThat(spec.getPodInfoOnMount()).isTrue();
    assertThat(spec.getRequiresRepublish()).isTrue();
    assertThat(spec.getVolumeLifecycleModes()).containsExactly("Ephemeral");
    assertThat(spec.getTokenRequests())
        .containsExactlyElementsOf(driver.getSpec().getTokenRequests());
    // Unknown before 1.35, and dropped there.
    assertThat(spec.getServiceAccountTokenInSecrets()).isIn(null, true);
  }

  private void pods(ApiClient as) throws ApiException {
    new CoreV1Api(as).listNamespacedPod(world().namespace()).execute();
  }

  /** An account by a token of the API server's own audience. */
  private ApiClient account(String name) throws ApiException {
    world().account(name);
    return world()
        .with(world().request(world().client(), name, world().spec()).getStatus().getToken());
  }

  private void grant(String account) throws ApiException {
    RbacAuthorizationV1Api rbac = new RbacAuthorizationV1Api(world().client());
    String name = world().unique("signet-ca");
    rbac.createClusterRole(
            new V1ClusterRole()
                .metadata(new V1ObjectMeta().name(name))
                .rules(
                    List.of(
                        rule("authentication.k8s.io", "tokenreviews", "create"),
                        rule("", "pods", "get", "list", "watch"))))
        .execute();
    world().afterwards(() -> rbac.deleteClusterRole(name).execute());
    rbac.createClusterRoleBinding(
            new V1ClusterRoleBinding()
                .metadata(new V1ObjectMeta().name(name))
                .roleRef(
                    new V1RoleRef()
                        .apiGroup("rbac.authorization.k8s.io")
                        .kind("ClusterRole")
                        .name(name))
                .subjects(
                    List.of(
                        new RbacV1Subject()
                            .kind("ServiceAccount")
                            .namespace(world().namespace())
                            .name(account))))
        .execute();
    world().afterwards(() -> rbac.deleteClusterRoleBinding(name).execute());
  }

  private static V1PolicyRule rule(String group, String resource, String... verbs) {
    return new V1PolicyRule()
        .apiGroups(List.of(group))
        .resources(List.of(resource))
        .verbs(List.of(verbs));
  }

  private boolean may(ApiClient as, String verb, String group, String resource, String subresource)
      throws ApiException {
    V1SelfSubjectAccessReview review =
        new V1SelfSubjectAccessReview()
            .spec(
                new V1SelfSubjectAccessReviewSpec()
                    .resourceAttributes(
                        new V1ResourceAttributes()
                            .verb(verb)
                            .group(group)
                            .resource(resource)
                            .subresource(subresource)));
    return new AuthorizationV1Api(as)
        .createSelfSubjectAccessReview(review)
        .execute()
        .getStatus()
        .getAllowed();
  }
}
