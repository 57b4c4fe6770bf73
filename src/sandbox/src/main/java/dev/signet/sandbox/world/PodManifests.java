package dev.signet.sandbox.world;

import io.kubernetes.client.openapi.models.V1CSIVolumeSource;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1EnvVar;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1ProjectedVolumeSource;
import io.kubernetes.client.openapi.models.V1ServiceAccountTokenProjection;
import io.kubernetes.client.openapi.models.V1Volume;
import io.kubernetes.client.openapi.models.V1VolumeMount;
import io.kubernetes.client.openapi.models.V1VolumeProjection;
import java.util.ArrayList;
import java.util.List;

/** Pods as a user, and as Signet's DaemonSet, writes them. */
final class PodManifests {
  /** Where workloads mount the volume. */
  static final String WORKLOAD_API = "/spiffe-workload-api";

  /** Where an agent finds its own token, file {@value #TOKEN_FILE}. */
  static final String AGENT_SECRETS = "/var/run/secrets/signet";

  static final String TOKEN_FILE = "token";

  /** Where an agent that reviews tokens finds the one for the API, beside the other. */
  static final String API_TOKEN_FILE = "api-token";

  private static final long AGENT_TOKEN_SECONDS = 3600;

  private PodManifests() {}

  static V1Pod workload(Workload workload) {
    List<V1EnvVar> environment = new ArrayList<>();
    environment.add(
        new V1EnvVar()
            .name("SPIFFE_ENDPOINT_SOCKET")
            .value("unix://" + WORKLOAD_API + "/api.sock"));
    workload
        .environment()
        .forEach((name, value) -> environment.add(new V1EnvVar().name(name).value(value)));
    V1Container container =
        new V1Container()
            .name("main")
            .image(workload.image())
            .args(workload.arguments())
            .env(environment)
            .volumeMounts(
                List.of(
                    new V1VolumeMount().name("identity").mountPath(WORKLOAD_API).readOnly(true)));
    V1Volume volume =
        new V1Volume()
            .name("identity")
            .csi(new V1CSIVolumeSource().driver(Cluster.DRIVER).readOnly(true));
    return pod(workload.name(), workload.account(), workload.node(), container, volume);
  }

  /**
   * One pod of the DaemonSet. It may use no right of its account, since the token has one audience;
   * unless it reviews tokens, for which it has another.
   */
  static V1Pod agent(String name, String node, WorldConfig config) {
    List<V1VolumeProjection> tokens = new ArrayList<>();
    tokens.add(token(config.agentAudience(), TOKEN_FILE));
    if (config.agentReview()) {
      tokens.add(token("", API_TOKEN_FILE));
    }
    V1Container container =
        new V1Container()
            .name("agent")
            .image(Images.AGENT)
            .volumeMounts(
                List.of(new V1VolumeMount().name("token").mountPath(AGENT_SECRETS).readOnly(true)));
    V1Volume volume =
        new V1Volume().name("token").projected(new V1ProjectedVolumeSource().sources(tokens));
    return pod(name, Cluster.AGENT_ACCOUNT, node, container, volume);
  }

  /** A projected token; without an audience it is for the API. */
  private static V1VolumeProjection token(String audience, String path) {
    return new V1VolumeProjection()
        .serviceAccountToken(
            new V1ServiceAccountTokenProjection()
                .audience(audience)
                .expirationSeconds(AGENT_TOKEN_SECONDS)
                .path(path));
  }

  private static V1Pod pod(
      String name, String account, String node, V1Container container, V1Volume volume) {
    return new V1Pod()
        .metadata(new V1ObjectMeta().name(name))
        .spec(
            new V1PodSpec()
                // The model's own default, an empty map, is one that the API refuses.
                .overhead(null)
                .serviceAccountName(account)
                .automountServiceAccountToken(false)
                .nodeName(node)
                .terminationGracePeriodSeconds(5L)
                .containers(List.of(container))
                .volumes(List.of(volume)));
  }
}
