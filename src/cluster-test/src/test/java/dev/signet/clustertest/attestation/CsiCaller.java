package dev.signet.clustertest.attestation;

import dev.signet.clustertest.lab.Lab;
import dev.signet.proto.csi.v1.NodeGrpc;
import dev.signet.proto.csi.v1.NodePublishVolumeRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.util.concurrent.TimeUnit;

/** Calls a node's agent on its CSI socket, as root on that node could: with what it likes. */
final class CsiCaller implements AutoCloseable {
  private static final int CALL_SECONDS = 20;

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final ManagedChannel channel;

  private CsiCaller(String node) {
    this.channel =
        NettyChannelBuilder.forAddress(
                new DomainSocketAddress(
                    Lab.kubeletFolder(node).resolve("plugins/csi.signet.dev/csi.sock").toFile()))
            .overrideAuthority("localhost")
            .channelType(EpollDomainSocketChannel.class)
            .eventLoopGroup(loops)
            .usePlaintext()
            .build();
  }

  static CsiCaller on(String node) {
    return new CsiCaller(node);
  }

  /** Publishes; the driver's refusal is thrown as gRPC gives it. */
  void publish(NodePublishVolumeRequest request) {
    NodeGrpc.newBlockingStub(channel)
        .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
        .nodePublishVolume(request);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
