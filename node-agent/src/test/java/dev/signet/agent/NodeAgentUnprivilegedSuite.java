package dev.signet.agent;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.agent.testing.TestNode;
import dev.signet.process.StartRefusedException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Root in a container that is not privileged. */
class NodeAgentUnprivilegedSuite {
  @TempDir Path folder;

  @Test
  void start_isRefusedWithTheMend() throws Exception {
    try (TestNode node = new TestNode(folder, false)) {
      Files.createDirectories(node.kubelet().resolve("pods"));
      Files.createDirectories(node.kubelet().resolve("plugins_registry"));

      assertThatThrownBy(() -> node.start(1))
          .isInstanceOf(StartRefusedException.class)
          .hasMessageContaining("open_tree on " + node.run() + ": EPERM")
          .hasMessageContaining("securityContext.privileged: true");
    }
  }
}
