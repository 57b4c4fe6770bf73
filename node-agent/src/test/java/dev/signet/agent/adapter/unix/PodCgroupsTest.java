package dev.signet.agent.adapter.unix;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PodCgroupsTest {
  private static final String UID = "6c5d6b0e-8a4e-4c8e-9a55-0d6f0a1b2c3d";
  private static final String OUTER = "11111111-2222-3333-4444-555555555555";
  private static final String OWN = "0::/system.slice/signet-agent.service\n";
  private static final String HEX =
      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

  /**
   * Every form of KUBERNETES.md 4; U is the UID, S the same as systemd writes it, H a container.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/kubepods/podU/H",
        "/kubepods/burstable/podU/H",
        "/kubepods/besteffort/podU/H",
        "/kubepods.slice/kubepods-podS.slice/cri-containerd-H.scope",
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podS.slice/crio-H.scope",
        "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-podS.slice/docker-H.scope",
        "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-podS.slice/crio-conmon-H.scope",
        "/system.slice/containerd.service/kubepods-besteffort-podS.slice:cri-containerd:H",
        "/docker/H/kubelet/kubepods/podU/H",
        "/system.slice/docker-H.scope/kubelet.slice/kubelet-kubepods.slice"
            + "/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-podS.slice/cri-H.scope",
        "/../../podU/H",
        "/../../../besteffort/podU/H",
        "/kubepods/burstable/podU/H/made/by/the/pod",
        "/system.slice/kubepods/burstable/podU"
      })
  void processOfAPod_isKnown(String path) {
    String line = path.replace("U", UID).replace("S", UID.replace('-', '_')).replace("H", HEX);

    assertThat(PodCgroups.podBelow("0::" + line + "\n", OWN)).contains(UID);
    assertThat(PodCgroups.podBelow("4:memory:" + line + "\n0::/\n", OWN)).contains(UID);
    assertThat(PodCgroups.podBelow("0::/\n1:name=systemd:" + line + "\n", OWN)).contains(UID);
  }

  @Test
  void staticPod_isAPod() {
    assertThat(PodCgroups.podBelow("0::/kubepods/pod" + "a".repeat(32) + "/" + HEX, OWN))
        .contains("a".repeat(32));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "/kubelet",
        "/system.slice/kubelet.service",
        "/kubepods",
        "/kubepods/burstable",
        "/kubepods.slice/kubepods-burstable.slice",
        "/system.slice/podman.service",
        "/user.slice/pod1",
        "/podx",
        "/kubepods/pod6c5d6b0e",
        "/docker/" + HEX,
        "/../../../../system.slice/kubelet.service"
      })
  void processOfTheNode_isNone(String path) {
    assertThat(PodCgroups.podBelow("0::" + path + "\n", OWN)).isEmpty();
  }

  /** A node that is itself a container of a pod of another cluster. */
  @ParameterizedTest
  @CsvSource({
    "/kubepods/podO/H/kubelet, ''",
    "/kubepods/podO/H/kubepods/burstable/podU/H, U",
    "/kubepods/podO/H/agent, ''"
  })
  void whatTheNodeItselfIsIn_isNoEvidence(String path, String pod) {
    String own = "0::/kubepods/podO/H/agent\n".replace("O", OUTER).replace("H", HEX);
    String peer = path.replace("O", OUTER).replace("U", UID).replace("H", HEX);

    assertThat(PodCgroups.podBelow("0::" + peer, own).orElse("")).isEqualTo(pod.replace("U", UID));
  }

  /** An agent in a pod with the node's process IDs. */
  @Test
  void agentInAPod_tellsOthersFromKubelet() {
    String own = "0::/kubepods/burstable/pod" + OUTER + "/" + HEX + "\n";

    assertThat(PodCgroups.podBelow("0::/kubepods/burstable/pod" + UID + "/" + HEX, own))
        .contains(UID);
    assertThat(PodCgroups.podBelow("0::/system.slice/kubelet.service", own)).isEmpty();
  }

  /** The only legal answer to any bytes is a pod or none. */
  @Property(tries = 2_000)
  void anyText_isAnswered(@ForAll String peer, @ForAll String own) {
    assertThat(PodCgroups.podBelow(peer, own)).isNotNull();
    assertThat(PodCgroups.podBelow(peer + "\n0::/kubepods/pod" + UID, OWN)).isPresent();
  }
}
