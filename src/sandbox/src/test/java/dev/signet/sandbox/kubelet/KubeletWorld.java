package dev.signet.sandbox.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.sandbox.api.SandboxApi;
import dev.signet.sandbox.api.SandboxApiConfig;
import dev.signet.sandbox.api.SettableClock;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.AuthenticationV1Api;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.apis.StorageV1Api;
import io.kubernetes.client.openapi.models.StorageV1TokenRequest;
import io.kubernetes.client.openapi.models.V1CSIDriver;
import io.kubernetes.client.openapi.models.V1CSIDriverSpec;
import io.kubernetes.client.openapi.models.V1CSIVolumeSource;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1Namespace;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodSecurityContext;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1ProjectedVolumeSource;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import io.kubernetes.client.openapi.models.V1ServiceAccountTokenProjection;
import io.kubernetes.client.openapi.models.V1TokenReview;
import io.kubernetes.client.openapi.models.V1TokenReviewSpec;
import io.kubernetes.client.openapi.models.V1TokenReviewStatus;
import io.kubernetes.client.openapi.models.V1Volume;
import io.kubernetes.client.openapi.models.V1VolumeProjection;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.NullUnmarked;

/** One node: API server, kubelet, containers that do nothing; time stands still for tokens. */
@NullUnmarked // Fields of the client's models may all be absent: where one must not be, the test
// fails by itself.
final class KubeletWorld implements AutoCloseable {
  static final String NODE = "node-1";
  static final String NAMESPACE = "shop";
  static final String AUDIENCE = "signet://shop.example/workload";

  final SettableClock clock = new SettableClock();
  final FakeRuntime runtime = new FakeRuntime();
  final SandboxApi api;
  final KubeletConfig config;
  Kubelet kubelet;
  private final ApiClient admin;

  KubeletWorld(Path dir, boolean tokensInSecrets) throws Exception {
    this.api = SandboxApi.start(SandboxApiConfig.defaults(), clock);
    this.admin = api.admin().client();
    this.config =
        KubeletConfig.of(NODE, dir)
            .withBackoffs(Duration.ofMillis(20), Duration.ofMillis(50))
            .withTokensInSecrets(tokensInSecrets);
    core()
        .createNamespace(new V1Namespace().metadata(new V1ObjectMeta().name(NAMESPACE)))
        .execute();
    core()
        .createNamespacedServiceAccount(
            NAMESPACE, new V1ServiceAccount().metadata(new V1ObjectMeta().name("web")))
        .execute();
    createDriver();
    startKubelet(config);
  }

  void startKubelet(KubeletConfig with) throws IOException {
    kubelet = Kubelet.start(with, api.kubelet(NODE), runtime, clock);
  }

  private void createDriver() throws ApiException {
    new StorageV1Api(admin)
        .createCSIDriver(
            new V1CSIDriver()
                .metadata(new V1ObjectMeta().name(FakeCsiDriver.NAME))
                .spec(
                    new V1CSIDriverSpec()
                        .attachRequired(false)
                        .podInfoOnMount(true)
                        .requiresRepublish(true)
                        .volumeLifecycleModes(List.of("Ephemeral"))
                        .tokenRequests(
                            List.of(
                                new StorageV1TokenRequest()
                                    .audience(AUDIENCE)
                                    .expirationSeconds(3600L)))
                        .serviceAccountTokenInSecrets(true)))
        .execute();
  }

  CoreV1Api core() {
    return new CoreV1Api(admin);
  }

  /** A pod with one volume of the fake driver and one projected token. */
  V1Pod pod(String name) {
    return new V1Pod()
        .metadata(new V1ObjectMeta().name(name).namespace(NAMESPACE))
        .spec(
            new V1PodSpec()
                // The model's own default, an empty map, is one that the API refuses.
                .overhead(null)
                .nodeName(NODE)
                .serviceAccountName("web")
                .restartPolicy("Never")
                .terminationGracePeriodSeconds(20L)
                .securityContext(new V1PodSecurityContext().fsGroup(4711L))
                .containers(List.of(new V1Container().name("main").image("none")))
                .volumes(
                    List.of(
                        new V1Volume()
                            .name("identity")
                            .csi(
                                new V1CSIVolumeSource()
                                    .driver(FakeCsiDriver.NAME)
                                    .readOnly(true)
                                    .volumeAttributes(Map.of("author", "chose"))),
                        new V1Volume()
                            .name("own")
                            .projected(
                                new V1ProjectedVolumeSource()
                                    .sources(
                                        List.of(
                                            new V1VolumeProjection()
                                                .serviceAccountToken(
                                                    new V1ServiceAccountTokenProjection()
                                                        .audience("signet://shop.example/agent")
                                                        .path("token"))))))));
  }

  V1Pod create(V1Pod pod) throws ApiException {
    return core().createNamespacedPod(NAMESPACE, pod).execute();
  }

  String phase(String name) throws ApiException {
    return core().readNamespacedPod(name, NAMESPACE).execute().getStatus().getPhase();
  }

  boolean gone(String name) throws ApiException {
    return core()
        .listNamespacedPod(NAMESPACE)
        .fieldSelector("metadata.name=" + name)
        .execute()
        .getItems()
        .isEmpty();
  }

  V1TokenReviewStatus review(String token, String audience) throws ApiException {
    return new AuthenticationV1Api(admin)
        .createTokenReview(
            new V1TokenReview()
                .spec(new V1TokenReviewSpec().token(token).audiences(List.of(audience))))
        .execute()
        .getStatus();
  }

  /** Asks again until it holds: what the kubelet writes has no other signal. */
  static void await(Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(15).toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as("it holds in time").isLessThan(end);
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
  }

  @Override
  public void close() {
    kubelet.close();
    api.close();
  }
}
