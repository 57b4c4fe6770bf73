package dev.signet.sandbox.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.sandbox.world.Eventually;
import dev.signet.sandbox.world.NodeHost;
import dev.signet.sandbox.world.PodRef;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** What an agent keeps of a pod's volume. */
record AgentRecord(Path file) {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  static AgentRecord of(NodeHost node, PodRef pod) {
    return new AgentRecord(node.agentState().resolve(pod.uid() + ".identity"));
  }

  /**
   * Waits until it holds an SVID. It is written behind the answer's back: an agent that is killed
   * right between costs a signature and nothing else, but a drill wants to know beforehand.
   */
  void await() throws InterruptedException {
    assertThat(
            Eventually.await(
                LIMIT,
                () ->
                    Files.exists(file) && Files.readString(file).contains("serial: ")
                        ? Optional.of(file)
                        : Optional.empty()))
        .as("record " + file)
        .isPresent();
  }
}
