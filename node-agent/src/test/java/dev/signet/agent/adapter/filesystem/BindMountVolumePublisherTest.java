package dev.signet.agent.adapter.filesystem;

import dev.signet.agent.testing.namespace.MountNamespace;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class BindMountVolumePublisherTest {
  @TestFactory
  Stream<DynamicTest> publisher() throws Exception {
    return MountNamespace.run(BindMountVolumePublisherSuite.class);
  }
}
