package dev.signet.sandbox.api;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * HTTP/1.1 over TLS; one request at a time on a connection, each on a virtual thread of its own.
 */
final class HttpFront implements AutoCloseable {
  /** Far above any object of ours; a larger body is answered 413. */
  private static final int LARGEST_BODY = 1 << 20;

  private final EventLoopGroup loops;
  private final ExecutorService calls;
  private final ChannelGroup connections;
  private final Channel listening;

  private HttpFront(
      EventLoopGroup loops, ExecutorService calls, ChannelGroup connections, Channel listening) {
    this.loops = loops;
    this.calls = calls;
    this.connections = connections;
    this.listening = listening;
  }

  static HttpFront start(InetSocketAddress address, SslContext tls, ApiRouter router)
      throws IOException {
    EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(
            2, new DefaultThreadFactory("sandbox-api", true), NioIoHandler.newFactory());
    ExecutorService calls =
        Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("sandbox-api-call-", 0).factory());
    ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    connections.add(channel);
                    channel
                        .pipeline()
                        .addLast(tls.newHandler(channel.alloc()))
                        .addLast(new HttpServerCodec())
                        .addLast(new HttpObjectAggregator(LARGEST_BODY))
                        .addLast(new HttpExchanges(router, calls));
                  }
                })
            .bind(address)
            .awaitUninterruptibly();
    HttpFront front = new HttpFront(loops, calls, connections, bound.channel());
    if (!bound.isSuccess()) {
      front.close();
      throw new IOException("The sandbox's API server cannot listen on " + address, bound.cause());
    }
    return front;
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listening.localAddress();
  }

  /** Closes every connection, and goes on listening. */
  void dropConnections() {
    connections.close().awaitUninterruptibly();
  }

  @Override
  public void close() {
    listening.close().awaitUninterruptibly();
    dropConnections();
    calls.shutdownNow();
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
