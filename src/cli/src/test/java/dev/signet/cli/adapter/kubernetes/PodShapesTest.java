package dev.signet.cli.adapter.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import dev.signet.cli.cluster.PodFacts.KubeletFolder;
import dev.signet.cli.cluster.PodRef;
import dev.signet.cli.cluster.RunningPod;
import dev.signet.cli.cluster.VolumeUser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodShapesTest {
  private static final String VOLUME =
      ", volumes: [{name: data, emptyDir: {}}, {name: id, csi: {driver: csi.signet.dev}}]";
  private static final String READY = ", conditions: [{type: Ready, status: 'True'}]";

  private static Doc pod(String metadata, String spec, String status) {
    String text =
        "{metadata: {name: web-1, namespace: shop, uid: u1 METADATA}, spec: {serviceAccountName: web,"
            + " nodeName: node-a SPEC}, status: {phase: Running STATUS}}";
    return new Doc(
        JsonParser.parseString(
            text.replace("METADATA", metadata).replace("SPEC", spec).replace("STATUS", status)));
  }

  @Test
  void podWithTheVolume_isAUser_ofItsDeployment() {
    Doc pod =
        pod(
            ", labels: {pod-template-hash: abc}, ownerReferences: [{kind: ReplicaSet, name: web-abc,"
                + " controller: true}]",
            VOLUME,
            "");

    assertThat(PodShapes.volumeUser(pod))
        .contains(
            new VolumeUser(
                new PodRef("shop", "web-1"),
                "web",
                "node-a",
                "Running",
                false,
                "Deployment/web",
                false));
  }

  @Test
  void replicaSetWithoutADeployment_staysOne() {
    Doc pod =
        pod(", ownerReferences: [{kind: ReplicaSet, name: web-abc, controller: true}]", VOLUME, "");

    assertThat(PodShapes.volumeUser(pod).orElseThrow().owner()).isEqualTo("ReplicaSet/web-abc");
  }

  @Test
  void otherVolumes_areNoMatter() {
    assertThat(PodShapes.volumeUser(pod("", ", volumes: [{name: x, csi: {driver: other}}]", "")))
        .isEmpty();
    assertThat(PodShapes.volumeUser(pod("", "", ""))).isEmpty();
    assertThat(PodShapes.volumeUser(Doc.NONE)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "containers,          id,   subPath,     true",
    "initContainers,      id,   subPathExpr, true",
    "ephemeralContainers, id,   subPath,     true",
    "containers,          data, subPath,     false",
    "containers,          id,   mountPath,   false",
  })
  void subPath_ofTheVolumeAlone_countsInAnyContainer(
      String kind, String volume, String key, boolean counts) {
    String mount = ", " + kind + ": [{volumeMounts: [{name: " + volume + ", " + key + ": x}]}]";

    assertThat(PodShapes.volumeUser(pod("", VOLUME + mount, "")).orElseThrow().subPath())
        .isEqualTo(counts);
  }

  @Test
  void podForATrial_runs_andIsNotStatic_norGoing() {
    assertThat(PodShapes.running(pod("", "", "")))
        .contains(new RunningPod(new PodRef("shop", "web-1"), "u1", "web", "node-a"));
    assertThat(PodShapes.running(pod(", deletionTimestamp: now", "", ""))).isEmpty();
    assertThat(PodShapes.running(pod(", annotations: {'kubernetes.io/config.mirror': x}", "", "")))
        .isEmpty();
    assertThat(PodShapes.running(Doc.NONE)).isEmpty();
  }

  @Test
  void driverThatRegisters_tellsKubeletsFolder() {
    String registry =
        ", volumes: [{name: r, hostPath: {path: '/var/lib/kubelet/plugins_registry/'}},"
            + " {name: p, hostPath: {path: '/var/lib/kubelet/pods'}}]";

    assertThat(PodShapes.kubeletFolders(pod("", registry, READY)))
        .containsExactly(
            new KubeletFolder(new PodRef("shop", "web-1"), "node-a", "/var/lib/kubelet"));
    assertThat(PodShapes.kubeletFolders(pod("", registry, ""))).as("not ready").isEmpty();
    String agent = ", ownerReferences: [{kind: DaemonSet, name: signet-agent, controller: true}]";
    assertThat(PodShapes.kubeletFolders(pod(agent, registry, READY)))
        .as("Signet's own agent, which repeats what it was told")
        .isEmpty();
  }

  @Test
  void wholeFolder_tellsIt_whereItIsMountedAsADriverDoes() {
    String volume = ", volumes: [{name: k, hostPath: {path: '/data/kubelet'}}]";
    String mount = ", containers: [{volumeMounts: [{name: k, mountPropagation: MODE}]}]";

    assertThat(
            PodShapes.kubeletFolders(
                pod("", volume + mount.replace("MODE", "Bidirectional"), READY)))
        .extracting(KubeletFolder::path)
        .containsExactly("/data/kubelet");
    assertThat(
            PodShapes.kubeletFolders(
                pod("", volume + mount.replace("MODE", "HostToContainer"), READY)))
        .isEmpty();
  }

  @Test
  void trouble_isTheContainers_thenTheSchedulers() {
    String waiting = ", containerStatuses: [{state: {waiting: {reason: REASON}}}]";

    assertThat(
            PodShapes.trouble(
                pod("", "", waiting.replace("REASON", "ErrImagePull, message: 'no image'"))))
        .isEqualTo("ErrImagePull: no image");
    assertThat(PodShapes.trouble(pod("", "", waiting.replace("REASON", "ContainerCreating"))))
        .isEmpty();
    assertThat(
            PodShapes.trouble(
                pod(
                    "",
                    "",
                    ", conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable,"
                        + " message: 'no node'}]")))
        .isEqualTo("Unschedulable: no node");
  }
}
