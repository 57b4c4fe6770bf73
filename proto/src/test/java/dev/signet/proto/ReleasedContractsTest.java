package dev.signet.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * The gate: what this tree builds must be understood by peers that speak {@code
 * proto/released.binpb}, the contracts of the last release. After an intended change: {@code cp
 * proto/target/descriptors.binpb proto/released.binpb}.
 */
class ReleasedContractsTest {
  private static FileDescriptorSet read(String file) throws IOException {
    try (InputStream in = Files.newInputStream(Path.of(file))) {
      return FileDescriptorSet.parseFrom(in);
    }
  }

  @Test
  void contracts_breakNoReleasedPeer() throws Exception {
    assertThat(BreakingChanges.between(read("released.binpb"), read("target/descriptors.binpb")))
        .as(
            "Changes that a peer of the last release would not understand. Reserve and add instead of changing.")
        .isEmpty();
  }

  /** An empty or foreign baseline would let everything pass. */
  @Test
  void baseline_holdsEveryContract() throws Exception {
    assertThat(read("released.binpb").getFileList())
        .extracting(FileDescriptorProto::getName)
        .contains(
            "csi/v1/csi.proto",
            "kubelet/pluginregistration/registration.proto",
            "signet/agent/v1/acknowledgement.proto",
            "signet/agent/v1/agent.proto",
            "spiffe/workload/workload.proto");
  }
}
