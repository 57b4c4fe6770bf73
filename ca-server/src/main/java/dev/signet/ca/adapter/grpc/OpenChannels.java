package dev.signet.ca.adapter.grpc;

import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The sockets of a server, so that one peer's connection can be closed: gRPC offers no way to.
 * Thread-safe; to be closed after the server.
 */
final class OpenChannels implements AutoCloseable {
  private static final long LAST_TASKS_SECONDS = 1;

  private final Map<SocketAddress, Channel> byPeer = new ConcurrentHashMap<>();
  private final EventLoopGroup acceptor = group("signet-accept", 1);
  // As many threads as Netty thinks right, like gRPC's own.
  private final EventLoopGroup workers = group("signet-agents", 0);

  private static EventLoopGroup group(String name, int threads) {
    IoHandlerFactory io =
        Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), io);
  }

  /** Lets a server accept through this. */
  NettyServerBuilder accept(NettyServerBuilder builder) {
    return builder
        .bossEventLoopGroup(acceptor)
        .workerEventLoopGroup(workers)
        .channelFactory(this::listening);
  }

  private ServerChannel listening() {
    ServerChannel channel =
        Epoll.isAvailable() ? new EpollServerSocketChannel() : new NioServerSocketChannel();
    channel.pipeline().addFirst(new Accepted());
    return channel;
  }

  /** Closes the connection from this address, if there is one. */
  void close(SocketAddress peer) {
    Channel channel = byPeer.get(peer);
    if (channel != null) {
      var _ = channel.close();
    }
  }

  @Override
  public void close() {
    var _ = acceptor.shutdownGracefully(0, LAST_TASKS_SECONDS, TimeUnit.SECONDS);
    var _ = workers.shutdownGracefully(0, LAST_TASKS_SECONDS, TimeUnit.SECONDS);
  }

  /** Sees each connection when it is accepted. */
  private final class Accepted extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
      if (accepted instanceof Channel channel) {
        SocketAddress peer = channel.remoteAddress();
        if (peer != null) {
          byPeer.put(peer, channel);
          var _ = channel.closeFuture().addListener(_ -> byPeer.remove(peer, channel));
        }
      }
      context.fireChannelRead(accepted);
    }
  }
}
