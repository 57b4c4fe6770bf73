package dev.signet.agent.adapter.filesystem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.agent.testing.namespace.MountNamespace;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class AgentTmpfsTest {
  @TestFactory
  Stream<DynamicTest> tmpfs() throws Exception {
    return MountNamespace.run(AgentTmpfsSuite.class);
  }

  @Test
  void label_isQuoted_becauseItsCategoriesHoldCommas() {
    assertThat(AgentTmpfs.options(1024, Optional.of("system_u:object_r:container_file_t:s0:c1,c2")))
        .isEqualTo("mode=0700,size=1024,context=\"system_u:object_r:container_file_t:s0:c1,c2\"");
    assertThat(AgentTmpfs.options(1024, Optional.empty())).isEqualTo("mode=0700,size=1024");
  }
}
