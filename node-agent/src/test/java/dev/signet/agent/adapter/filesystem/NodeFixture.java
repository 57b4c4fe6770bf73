package dev.signet.agent.adapter.filesystem;

import static dev.signet.agent.testing.Fixtures.UID;

import dev.signet.agent.adapter.linux.TestMounts;
import dev.signet.agent.volume.VolumeLayout;
import dev.signet.agent.volume.VolumeTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A node's file system on a shared mount, with kubelet's folders and a volume. */
abstract class NodeFixture {
  static final long SIZE = 4 << 20;

  @TempDir Path temporary;

  Path node;
  Path kubelet;
  Path run;
  VolumeTarget target;
  Path folder;

  @BeforeEach
  final void boot() throws IOException {
    node = temporary.resolve("node");
    TestMounts.shared(node);
    kubelet = node.resolve("kubelet");
    run = node.resolve("run");
    Files.createDirectories(kubelet.resolve("pods"));
    Files.createDirectories(kubelet.resolve("plugins_registry"));
    var layout = new VolumeLayout(kubelet, run);
    target =
        layout
            .target(kubelet + "/pods/" + UID.value() + "/volumes/kubernetes.io~csi/identity/mount")
            .orElseThrow();
    folder = layout.folder(target);
  }

  @AfterEach
  final void powerOff() throws IOException {
    TestMounts.gone(node);
  }

  final void mountTmpfs() throws IOException {
    AgentTmpfs.mount(run, SIZE, Optional.empty());
    new RunFolders(run).prepare();
  }

  /** What kubelet does before it asks, and the agent before it mounts. */
  final void prepareVolume() throws IOException {
    Files.createDirectories(target.path().getParent());
    new RunFolders(run).create(folder);
  }

  /** Each folder from kubelet's to the one in which the volume is mounted. */
  final List<Path> onTheWay() {
    var names = new ArrayList<Path>();
    Path at = kubelet;
    for (Path name : kubelet.relativize(target.path()).resolve("..").normalize()) {
      at = at.resolve(name);
      names.add(at);
    }
    return names;
  }

  static long openDescriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    }
  }
}
