package dev.signet.agent;

import static dev.signet.agent.testing.Fixtures.SHOP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.agent.testing.TestAuthority;
import dev.signet.agent.testing.TestNode;
import dev.signet.process.StartRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent finds when it starts, and what it leaves when it does not. */
class NodeAgentStartTest {
  private static final int NOBODY_LISTENS = 1;

  @TempDir Path folder;

  @Test
  void missingKubeletFolder_isRefusedInASentence() throws Exception {
    try (TestNode node = new TestNode(folder)) {
      Files.delete(node.kubelet());

      assertThatThrownBy(() -> node.start(NOBODY_LISTENS))
          .isInstanceOf(StartRefusedException.class)
          .hasMessageContaining("set it to kubelet's root folder");
    }
  }

  @Test
  void runDirThatIsAFile_isRefusedInASentence() throws Exception {
    try (TestNode node = new TestNode(folder)) {
      Files.writeString(node.run(), "a file");

      assertThatThrownBy(() -> node.start(NOBODY_LISTENS))
          .isInstanceOf(StartRefusedException.class)
          .hasMessageContaining("run_dir");
    }
  }

  @Test
  void fileInPlaceOfTheRegistrationSocket_isRefused_andNothingRunsOn() throws Exception {
    try (TestNode node = new TestNode(folder)) {
      Files.createDirectories(node.kubelet().resolve("plugins_registry"));
      Files.writeString(node.registrationSocket(), "not a socket");

      assertThatThrownBy(() -> node.start(NOBODY_LISTENS))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("is no socket");
      assertThat(node.csiSocket()).doesNotExist();
      assertThat(node.registrationSocket()).hasContent("not a socket");
    }
  }

  @Test
  void agentWithoutACa_serves_andSaysWhatItWaitsFor() throws Exception {
    try (TestNode node = new TestNode(folder)) {
      node.mountBundle(new TestAuthority(SHOP, Instant.now()).bundle());
      try (NodeAgent agent = node.start(NOBODY_LISTENS)) {
        assertThat(node.registrationSocket()).exists();
        assertThat(TestNode.page(agent, "/livez")).isEqualTo("alive\n");
        assertThat(TestNode.page(agent, "/readyz"))
            .startsWith("not ready")
            .contains("attested")
            .contains("ca-session")
            .contains("csi-registered");
      }
      assertThat(node.registrationSocket()).doesNotExist();
      assertThat(node.csiSocket()).doesNotExist();
    }
  }
}
