package dev.signet.sandbox.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.gson.JsonObject;
import com.nimbusds.jose.JWSObject;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.apis.AuthenticationV1Api;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.models.AuthenticationV1TokenRequest;
import io.kubernetes.client.openapi.models.V1BoundObjectReference;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1DeleteOptions;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1Node;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1PodStatus;
import io.kubernetes.client.openapi.models.V1Preconditions;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import io.kubernetes.client.openapi.models.V1Status;
import io.kubernetes.client.openapi.models.V1TokenRequestSpec;
import io.kubernetes.client.openapi.models.V1TokenReview;
import io.kubernetes.client.openapi.models.V1TokenReviewSpec;
import io.kubernetes.client.openapi.models.V1TokenReviewStatus;
import io.kubernetes.client.util.ClientBuilder;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/**
 * What one contract test sets up on an API server, through the official client and with an
 * administrator's credentials only, and takes away again: a namespace, and whatever it makes in it
 * or beside it.
 */
@NullUnmarked // Fields of the client\'s models may all be absent: where one must not be, the test
// fails by itself.
final class ContractWorld {
  /**
   * Positive reviews may be 10 s old on a real server, and its authorisers learn of changes a
   * moment later.
   */
  static final Duration SETTLED = Duration.ofSeconds(20);

  static final String AUDIENCE = "signet://contract.example/workload";

  private final ApiAccess admin;
  private final ApiClient client;
  private final String suffix = UUID.randomUUID().toString().substring(0, 8);
  private final Deque<Callable<?>> undo = new ArrayDeque<>();

  ContractWorld(ApiAccess admin) throws ApiException {
    this.admin = admin;
    this.client = admin.client();
    core()
        .createNamespace(new V1Namespace().metadata(new V1ObjectMeta().name(namespace())))
        .execute();
    undo.push(() -> core().deleteNamespace(namespace()).execute());
  }

  ApiAccess admin() {
    return admin;
  }

  ApiClient client() {
    return client;
  }

  CoreV1Api core() {
    return new CoreV1Api(client);
  }

  String namespace() {
    return "contract-" + suffix;
  }

  /** A name that no other test of this server uses. */
  String unique(String name) {
    return name + "-" + suffix;
  }

  void afterwards(Callable<?> step) {
    undo.push(step);
  }

  V1ServiceAccount account(String name) throws ApiException {
    return core()
        .createNamespacedServiceAccount(
            namespace(), new V1ServiceAccount().metadata(new V1ObjectMeta().name(name)))
        .execute();
  }

  V1Node node(String name) throws ApiException {
    V1Node node = core().createNode(new V1Node().metadata(new V1ObjectMeta().name(name))).execute();
    undo.push(() -> core().deleteNode(name).execute());
    return node;
  }

  V1Pod pod(String name, String account, @Nullable String node) throws ApiException {
    return core().createNamespacedPod(namespace(), podObject(name, account, node)).execute();
  }

  V1Pod podObject(String name, String account, @Nullable String node) {
    return new V1Pod()
        .apiVersion("v1")
        .kind("Pod")
        .metadata(new V1ObjectMeta().name(name))
        .spec(
            new V1PodSpec()
                // The model's own default, an empty map, is one that the API refuses.
                .overhead(null)
                .serviceAccountName(account)
                .nodeName(node)
                // A scheduler, where one runs, leaves it alone.
                .schedulerName("contract-none")
                .containers(
                    List.of(new V1Container().name("main").image("contract.example/none:1"))));
  }

  V1Pod phase(V1Pod pod, String phase) throws ApiException {
    V1PodStatus status = pod.getStatus() == null ? new V1PodStatus() : pod.getStatus();
    return core()
        .replaceNamespacedPodStatus(name(pod), namespace(), pod.status(status.phase(phase)))
        .execute();
  }

  /** Removes a pod as its kubelet does: by UID, without grace. */
  void remove(V1Pod pod) throws ApiException {
    core()
        .deleteNamespacedPod(name(pod), namespace())
        .body(
            new V1DeleteOptions()
                .gracePeriodSeconds(0L)
                .preconditions(new V1Preconditions().uid(uid(pod))))
        .execute();
  }

  static String name(V1Pod pod) {
    return metadata(pod.getMetadata()).getName();
  }

  static String uid(V1Pod pod) {
    return metadata(pod.getMetadata()).getUid();
  }

  static V1ObjectMeta metadata(@Nullable V1ObjectMeta metadata) {
    assertThat(metadata).isNotNull();
    return metadata;
  }

  V1TokenRequestSpec spec(String... audiences) {
    return new V1TokenRequestSpec().audiences(Arrays.asList(audiences));
  }

  V1BoundObjectReference reference(V1Pod pod) {
    return new V1BoundObjectReference().apiVersion("v1").kind("Pod").name(name(pod)).uid(uid(pod));
  }

  String podToken(V1Pod pod, String account, String... audiences) throws ApiException {
    return request(client, account, spec(audiences).boundObjectRef(reference(pod)))
        .getStatus()
        .getToken();
  }

  /** A token that carries the UID of the pod's node, once the server has seen that node. */
  String nodeToken(V1Pod pod, String account, String audience) throws Exception {
    AtomicReference<String> token = new AtomicReference<>();
    await(() -> {
      token.set(podToken(pod, account, audience));
      return claims(token.get()).get("kubernetes.io") instanceof Map<?, ?> claims
          && claims.get("node") instanceof Map<?, ?> node
          && node.containsKey("uid");
    });
    return token.get();
  }

  AuthenticationV1TokenRequest request(ApiClient as, String account, V1TokenRequestSpec spec)
      throws ApiException {
    return new CoreV1Api(as)
        .createNamespacedServiceAccountToken(
            account, namespace(), new AuthenticationV1TokenRequest().spec(spec))
        .execute();
  }

  V1TokenReviewStatus review(String token, String... audiences) throws ApiException {
    return review(client, token, audiences);
  }

  V1TokenReviewStatus review(ApiClient as, String token, String... audiences) throws ApiException {
    V1TokenReviewSpec spec = new V1TokenReviewSpec().token(token);
    V1TokenReview review =
        new V1TokenReview()
            .spec(audiences.length == 0 ? spec : spec.audiences(Arrays.asList(audiences)));
    return new AuthenticationV1Api(as).createTokenReview(review).execute().getStatus();
  }

  /** The administrator in the role of another, as `kubectl --as` does it. */
  ApiClient as(String user, String group) {
    return admin
        .client()
        .addDefaultHeader("Impersonate-User", user)
        .addDefaultHeader("Impersonate-Group", group);
  }

  /** Client of a bearer token on this server. */
  ApiClient with(String token) {
    return new ApiAccess(admin.server(), admin.caPem(), token).client();
  }

  /** Client of a caller who says nothing of itself. */
  ApiClient anonymous() {
    return new ClientBuilder()
        .setBasePath(admin.server().toString())
        .setCertificateAuthority(admin.caPem().getBytes(StandardCharsets.US_ASCII))
        .build();
  }

  static Map<String, Object> claims(String token) {
    try {
      return JWSObject.parse(token).getPayload().toJSONObject();
    } catch (ParseException e) {
      throw new AssertionError("Not a JWT", e);
    }
  }

  /** The Status with which a call fails. */
  static V1Status failure(Call call) {
    ApiException failure = catchThrowableOfType(ApiException.class, call::run);
    assertThat(failure).as("the call fails").isNotNull();
    V1Status status = JSON.deserialize(failure.getResponseBody(), V1Status.class);
    assertThat(status.getKind()).isEqualTo("Status");
    assertThat(status.getApiVersion()).isEqualTo("v1");
    assertThat(status.getStatus()).isEqualTo("Failure");
    assertThat(status.getCode()).isEqualTo(failure.getCode());
    return status;
  }

  /** Asks again until it holds, for what a real server learns a moment later. */
  static void await(Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + SETTLED.toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("it holds within %s", SETTLED).isLessThan(end);
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
  }

  static String text(JsonObject object, String parent, String name) {
    return object.getAsJsonObject(parent).get(name).getAsString();
  }

  /** Takes away what the test made, last first. */
  void end() throws Exception {
    while (!undo.isEmpty()) {
      undo.pop().call();
    }
  }

  /** A call that may fail. */
  @FunctionalInterface
  interface Call {
    void run() throws Exception;
  }
}
