package dev.signet.clustertest.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.ProbePod;
import dev.signet.clustertest.lab.Signet;
import dev.signet.sandbox.world.Eventually;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every shape a pod may have (KUBERNETES.md 9) gets its identity, or a reason why not. */
class PodShapesClusterIT {
  private static final String SHAPES = "shapes";

  /** For what the levels below {@code privileged} forbid. */
  private static final String HOST = "shapes-host";

  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String VOLUME =
      "{name: identity, csi: {driver: csi.signet.dev, readOnly: true}}";
  private static final String MOUNT =
      "{name: identity, mountPath: /spiffe-workload-api, readOnly: true}";
  private static final String RESTRICTED =
      "{allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}";

  @BeforeAll
  static void install() {
    Signet.ensure();
    Signet.namespace(SHAPES, "restricted");
    Signet.namespace(HOST, "privileged");
    for (String namespace : List.of(SHAPES, HOST)) {
      Signet.account(namespace, "app");
    }
  }

  @AfterAll
  static void remove() {
    Kubectl.removeNamespace(SHAPES);
    Kubectl.removeNamespace(HOST);
  }

  @Test
  void initContainersAndNativeSidecarsHaveItBeforeTheProgram() throws Exception {
    ProbePod pod =
        ProbePod.of(SHAPES, "ordered", "app", Lab.NODE_A, "fetch")
            .withSpec(
                """
                restartPolicy: Never
                initContainers:
                - name: first
                  image: %1$s
                  imagePullPolicy: Never
                  args: [fetch]
                  securityContext: %2$s
                  volumeMounts: [%3$s]
                - name: sidecar
                  image: %1$s
                  imagePullPolicy: Never
                  restartPolicy: Always
                  args: [watch]
                  securityContext: %2$s
                  volumeMounts: [%3$s]
                """
                    .formatted(ProbePod.IMAGE, RESTRICTED, MOUNT))
            .create();
    awaitPhase(pod, "Succeeded");

    for (String container : List.of("first", "sidecar", "main")) {
      assertThat(ids(Kubectl.logs(SHAPES, pod.name(), "-c", container)))
          .as(container)
          .containsOnly(Signet.id(SHAPES, "app"));
    }
  }

  @Test
  void aJobHasItsSvidInItsFirstSecond() throws Exception {
    Kubectl.create(
            """
            apiVersion: batch/v1
            kind: Job
            metadata: {name: short, namespace: %s}
            spec:
              backoffLimit: 0
              template:
                spec:
                  serviceAccountName: app
                  restartPolicy: Never
                  automountServiceAccountToken: false
                  securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
                  containers:
                  - name: main
                    image: %s
                    imagePullPolicy: Never
                    args: [fetch]
                    securityContext: %s
                    volumeMounts: [%s]
                  volumes: [%s]
            """
                .formatted(SHAPES, ProbePod.IMAGE, RESTRICTED, MOUNT, VOLUME))
        .orFail();

    Kubectl.await(
        SOON, SHAPES, "job/short", job -> Kubectl.text(job, "status.succeeded").equals("1"));
    JsonObject svid =
        ProbePod.events(Kubectl.run("logs", "-n", SHAPES, "job/short").orFail()).getLast();
    assertThat(Kubectl.text(svid, "id")).isEqualTo(Signet.id(SHAPES, "app"));
    assertThat(svid.get("since_start_ms").getAsLong()).isLessThan(1000);
  }

  @Test
  void aPodOnItsNodesNetworkHasIt() throws Exception {
    ProbePod pod =
        ProbePod.of(HOST, "host-network", "app", Lab.NODE_B, "watch")
            .withSpec("hostNetwork: true\n")
            .start();
    assertThat(
            Kubectl.text(
                pod.probe("fetch").orFail().isEmpty() ? new JsonObject() : last(pod), "id"))
        .isEqualTo(Signet.id(HOST, "app"));
  }

  /**
   * Kubelet changes no owner on this volume; the pod's groups have to reach the socket as it is.
   */
  @Test
  void aPodWithGroupsOfItsOwnHasIt() throws Exception {
    ProbePod pod = ProbePod.of(SHAPES, "groups", "app", Lab.NODE_A, "watch");
    Kubectl.create(
            pod.yaml()
                .replace(
                    "runAsUser: 1000",
                    "runAsUser: 1000, runAsGroup: 4000, fsGroup: 2000, supplementalGroups: [3000]"))
        .orFail();
    pod.awaitReady();

    assertThat(Kubectl.text(last(pod), "id")).isEqualTo(Signet.id(SHAPES, "app"));
  }

  /** The identity is the pod's: whoever runs in it, it is one and the same SVID. */
  @Test
  void allUsersOfAPodHaveItsOneSvid() throws Exception {
    ProbePod pod =
        ProbePod.of(HOST, "users", "app", Lab.NODE_A, "watch")
            .withSpec(
                """
                initContainers:
                - name: nobody
                  image: %1$s
                  imagePullPolicy: Never
                  restartPolicy: Always
                  args: [watch]
                  securityContext: {runAsUser: 65534, runAsGroup: 65534, capabilities: {drop: [ALL]}}
                  volumeMounts: [%2$s]
                - name: root
                  image: %1$s
                  imagePullPolicy: Never
                  restartPolicy: Always
                  args: [watch]
                  securityContext: {runAsUser: 0, runAsNonRoot: false, capabilities: {drop: [ALL]}}
                  volumeMounts: [%2$s]
                """
                    .formatted(ProbePod.IMAGE, MOUNT))
            .start();
    JsonObject main = pod.awaitEvent(SOON, event -> Kubectl.text(event, "event").equals("svid"));
    assertThat(Kubectl.text(main, "id")).isEqualTo(Signet.id(HOST, "app"));

    for (String user : List.of("nobody", "root")) {
      assertThat(Eventually.await(SOON, () -> firstSerial(pod, user)))
          .as(user)
          .contains(Kubectl.text(main, "serial"));
    }
  }

  private static Optional<String> firstSerial(ProbePod pod, String container) {
    return ProbePod.events(Kubectl.logs(pod.namespace(), pod.name(), "-c", container)).stream()
        .filter(event -> Kubectl.text(event, "event").equals("svid"))
        .map(event -> Kubectl.text(event, "serial"))
        .findFirst();
  }

  @Test
  void nobodyWritesIntoTheVolume() throws Exception {
    ProbePod pod = ProbePod.of(SHAPES, "reader", "app", Lab.NODE_B, "watch").start();
    assertThat(Kubectl.text(last(pod), "id")).isEqualTo(Signet.id(SHAPES, "app"));
    JsonObject socket = ProbePod.events(pod.probe("socket").orFail()).getLast();
    assertThat(socket.get("writable").getAsBoolean()).isFalse();
  }

  private static JsonObject last(ProbePod pod) {
    return ProbePod.events(pod.probe("fetch").orFail()).getLast();
  }

  private static List<String> ids(String output) {
    return ProbePod.events(output).stream()
        .filter(event -> Kubectl.text(event, "event").equals("svid"))
        .map(event -> Kubectl.text(event, "id"))
        .distinct()
        .toList();
  }

  private static void awaitPhase(ProbePod pod, String phase) throws InterruptedException {
    Kubectl.await(
        SOON,
        pod.namespace(),
        "pod/" + pod.name(),
        object -> Kubectl.text(object, "status.phase").equals(phase));
  }
}
