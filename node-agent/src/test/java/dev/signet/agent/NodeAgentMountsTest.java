package dev.signet.agent;

import dev.signet.agent.testing.namespace.MountNamespace;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class NodeAgentMountsTest {
  @TestFactory
  Stream<DynamicTest> agentThatMounts() throws Exception {
    return MountNamespace.run(NodeAgentMountsSuite.class);
  }

  @TestFactory
  Stream<DynamicTest> agentThatMayNot() throws Exception {
    return MountNamespace.runWithoutPrivilege(NodeAgentUnprivilegedSuite.class);
  }
}
