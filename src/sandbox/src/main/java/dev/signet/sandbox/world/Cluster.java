package dev.signet.sandbox.world;

import dev.signet.sandbox.api.ApiAccess;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.apis.RbacAuthorizationV1Api;
import io.kubernetes.client.openapi.apis.StorageV1Api;
import io.kubernetes.client.openapi.models.AuthenticationV1TokenRequest;
import io.kubernetes.client.openapi.models.RbacV1Subject;
import io.kubernetes.client.openapi.models.StorageV1TokenRequest;
import io.kubernetes.client.openapi.models.V1BoundObjectReference;
import io.kubernetes.client.openapi.models.V1CSIDriver;
import io.kubernetes.client.openapi.models.V1CSIDriverSpec;
import io.kubernetes.client.openapi.models.V1ClusterRole;
import io.kubernetes.client.openapi.models.V1ClusterRoleBinding;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1Node;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodStatus;
import io.kubernetes.client.openapi.models.V1PolicyRule;
import io.kubernetes.client.openapi.models.V1RoleRef;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import io.kubernetes.client.openapi.models.V1TokenRequestSpec;
import io.kubernetes.client.openapi.models.V1TokenRequestStatus;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The cluster as its administrator, or whoever holds the given credentials, works on it; over the
 * wire, with the official client. Thread-safe.
 */
public final class Cluster {
  static final String SYSTEM_NAMESPACE = "signet-system";
  static final String AGENT_ACCOUNT = "signet-agent";
  static final String CA_ACCOUNT = "signet-ca";
  static final String DRIVER = "csi.signet.dev";
  private static final String RBAC_GROUP = "rbac.authorization.k8s.io";
  private static final long TOKEN_SECONDS = 3600;

  private final CoreV1Api core;
  private final StorageV1Api storage;
  private final RbacAuthorizationV1Api rbac;

  public Cluster(ApiAccess access) {
    ApiClient client = access.client();
    core = new CoreV1Api(client);
    storage = new StorageV1Api(client);
    rbac = new RbacAuthorizationV1Api(client);
  }

  @FunctionalInterface
  private interface Call<T> {
    T execute() throws ApiException;
  }

  private static <T> T done(String what, Call<T> call) {
    try {
      return call.execute();
    } catch (ApiException e) {
      throw new WorldException(
          String.format(
              Locale.ROOT, "the API refuses to %s: %d %s", what, e.getCode(), e.getResponseBody()),
          e);
    }
  }

  /**
   * What Signet's chart brings: its namespace, accounts, rights and CSI driver.
   *
   * @param agentReview whether the agents have the right to review tokens, and the CA none at all
   */
  void installSignet(String workloadAudience, boolean agentReview) {
    createNamespace(SYSTEM_NAMESPACE);
    createAccount(SYSTEM_NAMESPACE, AGENT_ACCOUNT);
    createAccount(SYSTEM_NAMESPACE, CA_ACCOUNT);
    V1PolicyRule reviews = rule("authentication.k8s.io", "tokenreviews", "create");
    if (agentReview) {
      grant(AGENT_ACCOUNT, reviews);
    } else {
      grant(CA_ACCOUNT, reviews, rule("", "pods", "get", "list", "watch"));
    }
    V1CSIDriver driver =
        new V1CSIDriver()
            .metadata(new V1ObjectMeta().name(DRIVER))
            .spec(
                new V1CSIDriverSpec()
                    .attachRequired(false)
                    .podInfoOnMount(true)
                    .requiresRepublish(true)
                    .serviceAccountTokenInSecrets(true)
                    .fsGroupPolicy("None")
                    .volumeLifecycleModes(List.of("Ephemeral"))
                    .tokenRequests(
                        List.of(
                            new StorageV1TokenRequest()
                                .audience(workloadAudience)
                                .expirationSeconds(TOKEN_SECONDS))));
    done("create the CSI driver", () -> storage.createCSIDriver(driver).execute());
  }

  /** To an account of Signet's namespace, by a role of its name. */
  private void grant(String account, V1PolicyRule... rules) {
    V1ClusterRole role =
        new V1ClusterRole().metadata(new V1ObjectMeta().name(account)).rules(List.of(rules));
    done("create role " + account, () -> rbac.createClusterRole(role).execute());
    V1ClusterRoleBinding binding =
        new V1ClusterRoleBinding()
            .metadata(new V1ObjectMeta().name(account))
            .roleRef(new V1RoleRef().apiGroup(RBAC_GROUP).kind("ClusterRole").name(account))
            .subjects(
                List.of(
                    new RbacV1Subject()
                        .kind("ServiceAccount")
                        .namespace(SYSTEM_NAMESPACE)
                        .name(account)));
    done("bind role " + account, () -> rbac.createClusterRoleBinding(binding).execute());
  }

  private static V1PolicyRule rule(String group, String resource, String... verbs) {
    return new V1PolicyRule()
        .apiGroups(List.of(group))
        .resources(List.of(resource))
        .verbs(List.of(verbs));
  }

  public void createNamespace(String name) {
    V1Namespace namespace = new V1Namespace().metadata(new V1ObjectMeta().name(name));
    done("create namespace " + name, () -> core.createNamespace(namespace).execute());
  }

  public void createAccount(String namespace, String name) {
    V1ServiceAccount account = new V1ServiceAccount().metadata(new V1ObjectMeta().name(name));
    done(
        "create account " + name,
        () -> core.createNamespacedServiceAccount(namespace, account).execute());
  }

  public void createNode(String name) {
    V1Node node = new V1Node().metadata(new V1ObjectMeta().name(name));
    done("create node " + name, () -> core.createNode(node).execute());
  }

  public void deleteNode(String name) {
    done("delete node " + name, () -> core.deleteNode(name).execute());
  }

  PodRef createPod(String namespace, V1Pod pod) {
    return PodRef.of(
        done("create a pod", () -> core.createNamespacedPod(namespace, pod).execute()));
  }

  /** Marks it for deletion; its kubelet removes it once its containers have ended. */
  public void deletePod(PodRef pod, int graceSeconds) {
    done(
        "delete pod " + pod.name(),
        () ->
            core.deleteNamespacedPod(pod.name(), pod.namespace())
                .gracePeriodSeconds(graceSeconds)
                .execute());
  }

  /** Says how far a pod is, as its kubelet does. */
  public void setPhase(PodRef ref, String phase) {
    V1Pod pod =
        done(
            "read pod " + ref.name(),
            () -> core.readNamespacedPod(ref.name(), ref.namespace()).execute());
    pod.setStatus(new V1PodStatus().phase(phase));
    done(
        "set the phase of pod " + ref.name(),
        () -> core.replaceNamespacedPodStatus(ref.name(), ref.namespace(), pod).execute());
  }

  /** A token of an account that is bound to no pod: a secret. */
  public String accountToken(String namespace, String account, String audience) {
    return token(namespace, account, new V1TokenRequestSpec().audiences(List.of(audience)));
  }

  /** A token of a pod, as its node's kubelet asks for it: a secret. */
  public String token(PodRef pod, String audience) {
    V1BoundObjectReference bound =
        new V1BoundObjectReference().apiVersion("v1").kind("Pod").name(pod.name()).uid(pod.uid());
    return token(
        pod.namespace(),
        pod.account(),
        new V1TokenRequestSpec().audiences(List.of(audience)).boundObjectRef(bound));
  }

  private String token(String namespace, String account, V1TokenRequestSpec spec) {
    AuthenticationV1TokenRequest request =
        new AuthenticationV1TokenRequest().spec(spec.expirationSeconds(TOKEN_SECONDS));
    AuthenticationV1TokenRequest answer =
        done(
            "issue a token of " + account,
            () -> core.createNamespacedServiceAccountToken(account, namespace, request).execute());
    return Optional.ofNullable(answer.getStatus())
        .map(V1TokenRequestStatus::getToken)
        .orElseThrow(() -> new WorldException("the API gives no token of " + account));
  }
}
