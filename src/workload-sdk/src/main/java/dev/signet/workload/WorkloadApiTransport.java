package dev.signet.workload;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.stub.MetadataUtils;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Opens connections to one Workload API and owns the one I/O thread that they share.
 *
 * <p>Unix sockets are the JDK's own (since Java 16), not Netty's native epoll: a library must not
 * need a writable temporary folder to unpack native code into, nor a JVM flag for it, and nothing
 * here asks for peer credentials.
 */
final class WorkloadApiTransport {

  /**
   * gRPC's default, said aloud: the standard's clients all refuse more, so an agent must not send
   * more.
   */
  static final int MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

  /**
   * Keeps a confused deputy that can be made to speak HTTP to a socket from speaking to this one
   * (T7).
   */
  private static final Metadata.Key<String> SECURITY_HEADER =
      Metadata.Key.of("workload.spiffe.io", Metadata.ASCII_STRING_MARSHALLER);

  private final WorkloadApiEndpoint endpoint;
  private final Executor callbacks;
  private final EventLoopGroup ioThread;

  WorkloadApiTransport(WorkloadApiEndpoint endpoint, Executor callbacks) {
    this.endpoint = endpoint;
    this.callbacks = callbacks;
    this.ioThread =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("signet-workload-io", true), NioIoHandler.newFactory());
  }

  /**
   * A channel for one connection. It connects at its first call, and the caller ends it: gRPC's own
   * reconnecting, with a back-off that nobody here sees or bounds, never comes into play.
   */
  ManagedChannel open() {
    SocketAddress address = endpoint.address();
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(address)
            .eventLoopGroup(ioThread)
            .channelType(channelType(address), address.getClass())
            .executor(callbacks)
            .usePlaintext()
            .overrideAuthority("localhost")
            .proxyDetector(target -> null)
            .disableServiceConfigLookUp()
            .disableRetry()
            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
            .intercept(MetadataUtils.newAttachHeadersInterceptor(securityHeader()));
    if (address instanceof UnixDomainSocketAddress) {
      // gRPC sets it on every channel, and a Unix socket has no such option: a warning for each
      // connection.
      builder.withOption(ChannelOption.SO_KEEPALIVE, null);
    }
    return builder.build();
  }

  private static Class<? extends Channel> channelType(SocketAddress address) {
    return address instanceof UnixDomainSocketAddress
        ? NioDomainSocketChannel.class
        : NioSocketChannel.class;
  }

  private static Metadata securityHeader() {
    Metadata headers = new Metadata();
    headers.put(SECURITY_HEADER, "true");
    return headers;
  }

  /**
   * Ends the I/O thread, and runs {@code last} once no callback can come any more.
   *
   * <p>Channels that were just shut down still have their ends to tell, on the I/O thread and then
   * as callbacks, and cancel timers of the I/O thread in them. So both queues are run through
   * first.
   */
  void close(Runnable last) {
    ioThread.execute(() -> callbacks.execute(() -> end(last)));
  }

  private void end(Runnable last) {
    Future<?> unused =
        ioThread.shutdownGracefully(0, 1, TimeUnit.SECONDS).addListener(done -> last.run());
  }
}
