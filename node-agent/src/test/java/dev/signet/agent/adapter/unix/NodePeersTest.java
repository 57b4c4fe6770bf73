package dev.signet.agent.adapter.unix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodePeersTest {
  private static final String POD = "6c5d6b0e-8a4e-4c8e-9a55-0d6f0a1b2c3d";

  @TempDir Path proc;

  private NodePeers peers;

  @BeforeEach
  void make() throws IOException {
    process("self", "0::/\n");
    process("10", "0::/system.slice/kubelet.service\n");
    process("20", "0::/kubepods/burstable/pod" + POD + "/c\n");
    peers = NodePeers.of(proc);
  }

  private void process(String pid, String cgroup) throws IOException {
    Files.writeString(Files.createDirectory(proc.resolve(pid)).resolve("cgroup"), cgroup);
  }

  @Test
  void rootOutsidePods_andTheAgentsOwnUser_mayConnect() throws Exception {
    int own =
        (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid", LinkOption.NOFOLLOW_LINKS);

    assertThat(peers.objection(new UnixPeer(10, 0))).isEmpty();
    assertThat(peers.objection(new UnixPeer(10, own))).isEmpty();
  }

  @Test
  void otherUser_mayNot() {
    assertThat(peers.objection(new UnixPeer(10, 65_532)))
        .hasValueSatisfying(text -> assertThat(text).contains("user"));
  }

  @Test
  void rootInAPod_mayNot() {
    assertThat(peers.objection(new UnixPeer(20, 0))).contains("it is a process of pod " + POD);
  }

  @Test
  void peerOfAnotherPidNamespace_isJudgedByItsUser() {
    assertThat(peers.objection(new UnixPeer(0, 0))).isEmpty();
    assertThat(peers.objection(new UnixPeer(0, 65_532))).isPresent();
  }

  @Test
  void processThatIsGone_mayNot() {
    assertThat(peers.objection(new UnixPeer(30, 0))).contains("its process is gone");
  }

  @Test
  void whereNothingCanBeRead_userAndFolderDecide() throws Exception {
    Files.delete(proc.resolve("self/cgroup"));

    assertThat(peers.objection(new UnixPeer(30, 0))).isEmpty();
    assertThat(peers.objection(new UnixPeer(20, 0))).isEmpty();
  }

  @Test
  void thisProcess_mayConnect() throws Exception {
    var self = new UnixPeer((int) ProcessHandle.current().pid(), 0);

    assertThat(NodePeers.create().objection(self)).isEmpty();
  }
}
