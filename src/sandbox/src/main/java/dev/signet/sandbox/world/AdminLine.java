package dev.signet.sandbox.world;

import dev.signet.proto.admin.v1.AdminServiceGrpc;
import dev.signet.proto.admin.v1.Overview;
import dev.signet.proto.admin.v1.OverviewRequest;
import dev.signet.proto.admin.v1.WatchRequest;
import dev.signet.proto.admin.v1.WatchResponse;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** An operator's line to one replica of the CA, over its own Unix socket. Thread-safe. */
public final class AdminLine implements AutoCloseable {
  private static final Metadata.Key<String> REASON =
      Metadata.Key.of("signet-reason", Metadata.ASCII_STRING_MARSHALLER);
  private static final Duration CALL_LIMIT = Duration.ofSeconds(20);

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final ManagedChannel channel;

  private AdminLine(Path socket) {
    this.channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .eventLoopGroup(group)
            .channelType(EpollDomainSocketChannel.class)
            .overrideAuthority("localhost")
            .usePlaintext()
            .build();
  }

  /** Connects at the first call. */
  public static AdminLine to(CaProcess replica) {
    return new AdminLine(replica.adminSocket());
  }

  /** What an operator may call; each call has a deadline. */
  public AdminServiceGrpc.AdminServiceBlockingStub calls() {
    return AdminServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(CALL_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
  }

  public Overview overview() {
    return calls().overview(OverviewRequest.newBuilder().setWithPods(true).build()).getOverview();
  }

  /**
   * Watches until something is so.
   *
   * @param seen told of each overview
   * @return what was awaited; empty if it did not come in time
   */
  public Optional<Overview> await(
      Duration limit, Predicate<Overview> awaited, Consumer<Overview> seen) {
    Iterator<WatchResponse> words =
        AdminServiceGrpc.newBlockingStub(channel)
            .withDeadline(Deadline.after(limit.toMillis(), TimeUnit.MILLISECONDS))
            .watch(WatchRequest.newBuilder().setWithPods(true).build());
    try {
      while (words.hasNext()) {
        WatchResponse word = words.next();
        if (word.hasOverview()) {
          seen.accept(word.getOverview());
          if (awaited.test(word.getOverview())) {
            return Optional.of(word.getOverview());
          }
        }
      }
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() != Status.Code.DEADLINE_EXCEEDED) {
        throw e;
      }
    }
    return Optional.empty();
  }

  /** The code by which a call was refused; empty if it was not. */
  public static Optional<String> refusal(Runnable call) {
    try {
      call.run();
      return Optional.empty();
    } catch (StatusRuntimeException e) {
      Metadata trailers = Optional.ofNullable(e.getTrailers()).orElseGet(Metadata::new);
      return Optional.of(
          Optional.ofNullable(trailers.get(REASON)).orElse(e.getStatus().toString()));
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
