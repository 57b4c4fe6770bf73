package dev.signet.agent.testing;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Plain gRPC clients on Unix sockets, as foreign programs make them. */
public final class UnixClient implements AutoCloseable {
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final List<ManagedChannel> channels = new ArrayList<>();

  /** A channel without the Workload API's metadata. */
  public ManagedChannel plain(Path socket) {
    return add(builder(socket).build());
  }

  /** A channel that sends {@code workload.spiffe.io: true}. */
  public ManagedChannel workload(Path socket) {
    var headers = new Metadata();
    headers.put(Metadata.Key.of("workload.spiffe.io", Metadata.ASCII_STRING_MARSHALLER), "true");
    return add(
        builder(socket).intercept(MetadataUtils.newAttachHeadersInterceptor(headers)).build());
  }

  private NettyChannelBuilder builder(Path socket) {
    return NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toString()))
        .eventLoopGroup(group)
        .channelType(EpollDomainSocketChannel.class, DomainSocketAddress.class)
        .usePlaintext()
        .disableRetry();
  }

  private ManagedChannel add(ManagedChannel channel) {
    channels.add(channel);
    return channel;
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
