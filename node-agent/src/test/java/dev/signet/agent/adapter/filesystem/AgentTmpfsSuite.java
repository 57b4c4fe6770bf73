package dev.signet.agent.adapter.filesystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.agent.adapter.linux.MountEntry;
import dev.signet.agent.adapter.linux.TestMounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AgentTmpfsSuite extends NodeFixture {
  private static final String LABEL = "system_u:object_r:container_file_t:s0:c1,c2";

  @Test
  void firstStart_mountsIt_forTheAgentAlone() throws Exception {
    AgentTmpfs.mount(run, SIZE, Optional.empty());

    assertThat(TestMounts.at(run))
        .singleElement()
        .satisfies(mount -> {
          assertThat(mount.type()).isEqualTo("tmpfs");
          assertThat(mount.source()).isEqualTo("signet-agent");
          assertThat(mount.root()).isEqualTo("/");
          assertThat(mount.options()).contains("nosuid", "nodev", "noexec");
          assertThat(mount.superOptions()).contains("size=4096k").contains("mode=700");
          assertThat(mount.shared()).as("the node sees it").isTrue();
        });
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(run)))
        .isEqualTo("rwx------");
  }

  @Test
  void laterStart_findsItWithAllInIt_andTakesTheNewSize() throws Exception {
    AgentTmpfs.mount(run, SIZE, Optional.empty());
    Files.writeString(run.resolve("kept"), "kept");

    AgentTmpfs.mount(run, 2 * SIZE, Optional.empty());

    assertThat(run.resolve("kept")).hasContent("kept");
    assertThat(TestMounts.at(run))
        .singleElement()
        .extracting(MountEntry::superOptions)
        .asString()
        .contains("size=8192k");
  }

  @Test
  void sizeBelowWhatItHolds_leavesTheOldOne() throws Exception {
    AgentTmpfs.mount(run, SIZE, Optional.empty());
    Files.write(run.resolve("big"), new byte[3 << 20]);

    AgentTmpfs.mount(run, SIZE / 2, Optional.empty());

    assertThat(TestMounts.at(run).getFirst().superOptions()).contains("size=4096k");
  }

  /** A label cannot be given later, and an agent that stayed away would serve nobody. */
  @Test
  void labelOnAMountedOne_isLeftToTheNextBoot() throws Exception {
    AgentTmpfs.mount(run, SIZE, Optional.empty());

    AgentTmpfs.mount(run, SIZE, Optional.of(LABEL));

    assertThat(TestMounts.at(run)).hasSize(1);
  }

  @Test
  void label_isOnTheMount_orRefusedWithTheMend() throws Exception {
    if (Files.isDirectory(Path.of("/sys/fs/selinux/booleans"))) {
      AgentTmpfs.mount(run, SIZE, Optional.of(LABEL));
      assertThat(TestMounts.at(run).getFirst().superOptions()).contains(LABEL);
    } else {
      assertThatThrownBy(() -> AgentTmpfs.mount(run, SIZE, Optional.of(LABEL)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("this node has no SELinux")
          .hasMessageContaining("remove selinux_label");
      assertThat(TestMounts.at(run)).isEmpty();
    }
  }

  /** As a container sees it: a folder of the node's /run, which is a tmpfs and a mount as well. */
  @Test
  void folderOfAnotherTmpfs_isNotTakenForIt() throws Exception {
    Path host = Files.createDirectories(node.resolve("host/signet"));
    TestMounts.bind(host, run);

    AgentTmpfs.mount(run, SIZE, Optional.empty());

    assertThat(TestMounts.at(run))
        .extracting(MountEntry::source)
        .isEqualTo(List.of("test", "signet-agent"));
    assertThat(TestMounts.at(host)).as("on the node").hasSize(1);
  }

  @Test
  void nextContainer_isShownIt_andTakesIt() throws Exception {
    Path host = Files.createDirectories(node.resolve("host/signet"));
    AgentTmpfs.mount(host, SIZE, Optional.empty());
    TestMounts.bind(host, run);

    AgentTmpfs.mount(run, SIZE, Optional.empty());

    assertThat(TestMounts.at(run)).hasSize(1);
  }

  @Test
  void runDirThatTheNodeDoesNotSee_isRefusedWithTheMend() throws Exception {
    TestMounts.unshared(run);

    assertThatThrownBy(() -> AgentTmpfs.mount(run, SIZE, Optional.empty()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("run_dir " + run)
        .hasMessageContaining("mountPropagation: Bidirectional");
  }

  @Test
  void kubeletFolder_isTaken() throws Exception {
    KubeletFolder.check(kubelet);
  }

  @Test
  void folderThatIsNotKubelets_isRefusedWithTheMend() throws Exception {
    Files.delete(kubelet.resolve("plugins_registry"));

    assertThatThrownBy(() -> KubeletFolder.check(kubelet))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has no folder plugins_registry")
        .hasMessageContaining("--root-dir");
  }

  @Test
  void podsFolderThatTheNodeDoesNotSee_isRefusedWithTheMend() throws Exception {
    TestMounts.unshared(kubelet.resolve("pods"));

    assertThatThrownBy(() -> KubeletFolder.check(kubelet))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("mountPropagation: Bidirectional");
  }

  @Test
  void podsFolderThatIsALink_isRefused() throws Exception {
    Files.delete(kubelet.resolve("pods"));
    Files.createDirectory(node.resolve("elsewhere"));
    Files.createSymbolicLink(kubelet.resolve("pods"), node.resolve("elsewhere"));

    assertThatThrownBy(() -> KubeletFolder.check(kubelet))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("kubelet_dir")
        .hasMessageContaining("ELOOP");
  }
}
