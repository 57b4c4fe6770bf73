package dev.signet.sandbox.kubelet;

import dev.signet.proto.csi.v1.NodeGetCapabilitiesRequest;
import dev.signet.proto.csi.v1.NodeGetInfoRequest;
import dev.signet.proto.csi.v1.NodeGetInfoResponse;
import dev.signet.proto.csi.v1.NodeGrpc;
import dev.signet.proto.csi.v1.NodePublishVolumeRequest;
import dev.signet.proto.csi.v1.NodeServiceCapability;
import dev.signet.proto.csi.v1.NodeUnpublishVolumeRequest;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The node service of one registered driver. Thread-safe. */
final class CsiNode implements AutoCloseable {
  /** Kubelet's time for one CSI call. */
  private static final Duration DEADLINE = Duration.ofMinutes(2);

  private final ManagedChannel channel;

  CsiNode(ManagedChannel channel) {
    this.channel = channel;
  }

  NodeGetInfoResponse info() {
    return stub().nodeGetInfo(NodeGetInfoRequest.getDefaultInstance());
  }

  Set<NodeServiceCapability.RPC.Type> capabilities() {
    Set<NodeServiceCapability.RPC.Type> types = new HashSet<>();
    for (NodeServiceCapability capability :
        stub()
            .nodeGetCapabilities(NodeGetCapabilitiesRequest.getDefaultInstance())
            .getCapabilitiesList()) {
      types.add(capability.getRpc().getType());
    }
    return types;
  }

  void publish(NodePublishVolumeRequest request) {
    stub().nodePublishVolume(request);
  }

  void unpublish(NodeUnpublishVolumeRequest request) {
    stub().nodeUnpublishVolume(request);
  }

  private NodeGrpc.NodeBlockingStub stub() {
    return NodeGrpc.newBlockingStub(channel)
        .withDeadlineAfter(DEADLINE.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
