package dev.signet.sandbox.endtoend;

import dev.signet.proto.spiffe.SpiffeWorkloadAPIGrpc;
import dev.signet.proto.spiffe.X509SVIDRequest;
import dev.signet.proto.spiffe.X509SVIDResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One {@code FetchX509SVID} on the wire, without a client library's patience. */
final class WorkloadStream implements AutoCloseable {
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final ManagedChannel channel;
  private final BlockingQueue<X509SVIDResponse> messages = new LinkedBlockingQueue<>();
  private final CompletableFuture<Status> ended = new CompletableFuture<>();

  WorkloadStream(Path socket) {
    channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .eventLoopGroup(group)
            .channelType(EpollDomainSocketChannel.class, DomainSocketAddress.class)
            .usePlaintext()
            .build();
    Metadata header = new Metadata();
    header.put(Metadata.Key.of("workload.spiffe.io", Metadata.ASCII_STRING_MARSHALLER), "true");
    SpiffeWorkloadAPIGrpc.newStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(header))
        .fetchX509SVID(X509SVIDRequest.getDefaultInstance(), new Listener());
  }

  private final class Listener implements StreamObserver<X509SVIDResponse> {
    @Override
    public void onNext(X509SVIDResponse message) {
      messages.add(message);
    }

    @Override
    public void onError(Throwable failure) {
      ended.complete(Status.fromThrowable(failure));
    }

    @Override
    public void onCompleted() {
      ended.complete(Status.OK);
    }
  }

  X509SVIDResponse next() throws Exception {
    X509SVIDResponse message = messages.poll(30, TimeUnit.SECONDS);
    if (message == null) {
      throw new IllegalStateException("no message came; ended: " + ended.getNow(null));
    }
    return message;
  }

  CompletableFuture<Status> ended() {
    return ended;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }
}
