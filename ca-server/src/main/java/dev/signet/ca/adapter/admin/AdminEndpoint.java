package dev.signet.ca.adapter.admin;

import dev.signet.ca.audit.AuditTrail;
import dev.signet.ca.rotation.TrustOperations;
import dev.signet.process.StartRefusedException;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.InternalNettyServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server that operators connect to: a Unix socket, for root and the CA's own user. Its threads
 * are its own. Closing it ends the watches, lets calls under way end for a short while, and removes
 * the socket. Thread-safe.
 */
public final class AdminEndpoint implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AdminEndpoint.class);
  private static final int CONNECTIONS = 32;
  private static final int CALLS_OF_A_CONNECTION = 16;
  private static final int THREADS = 4;
  private static final long DRAIN_SECONDS = 2;

  private final Server server;
  private final Watches watches;
  private final EventLoopGroup io;

  private AdminEndpoint(Server server, Watches watches, EventLoopGroup io) {
    this.server = server;
    this.watches = watches;
    this.io = io;
  }

  /**
   * Listens.
   *
   * @param socket where; a socket there on which nobody listens any more is replaced
   * @param audit is told of each call that would change something, whatever came of it
   * @throws StartRefusedException if the socket cannot be had
   */
  public static AdminEndpoint start(Path socket, TrustOperations operations, AuditTrail audit)
      throws StartRefusedException {
    int own = ownUser();
    return start(socket, operations, audit, uid -> uid == 0 || uid == own);
  }

  static AdminEndpoint start(
      Path socket, TrustOperations operations, AuditTrail audit, IntPredicate users)
      throws StartRefusedException {
    AdminSocket.clear(socket);
    EventLoopGroup io =
        new MultiThreadIoEventLoopGroup(
            1,
            Thread.ofPlatform().name("admin-io").daemon().factory(),
            EpollIoHandler.newFactory());
    Watches watches = new Watches(operations);
    Server server =
        builder(socket, io, new PeerGate(users, CONNECTIONS))
            .executor(threads())
            .addService(new AdminRpc(operations, audit, watches))
            .intercept(new PeersUser())
            .build();
    AdminEndpoint endpoint = new AdminEndpoint(server, watches, io);
    try {
      server.start();
      AdminSocket.restrict(socket);
    } catch (IOException e) {
      endpoint.close();
      throw new StartRefusedException(
          "cannot listen on "
              + socket
              + " for operators: "
              + said(e)
              + "; make its folder and let the CA write to it, or name another place (admin.socket)",
          e);
    }
    log.info("operators may connect on {}", socket);
    return endpoint;
  }

  /** No peer takes more than so much, whatever it sends. */
  private static NettyServerBuilder builder(Path socket, EventLoopGroup io, PeerGate gate) {
    return NettyServerBuilder.forAddress(
            new DomainSocketAddress(socket.toString()), InternalNettyServerCredentials.create(gate))
        .channelType(EpollServerDomainSocketChannel.class)
        .bossEventLoopGroup(io)
        .workerEventLoopGroup(io)
        .maxConcurrentCallsPerConnection(CALLS_OF_A_CONNECTION)
        .maxInboundMessageSize(64 * 1024)
        .maxInboundMetadataSize(8 * 1024)
        .handshakeTimeout(5, TimeUnit.SECONDS)
        .maxRstFramesPerWindow(200, 10)
        .permitKeepAliveTime(10, TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true)
        .maxConnectionIdle(5, TimeUnit.MINUTES);
  }

  /** Never shut down: gRPC tells it of the last calls' ends after the server has ended. */
  private static ExecutorService threads() {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().name("admin-", 0).daemon().factory());
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  /**
   * The effective user, whom the kernel names to peers. It stands in no owner of a file: the link
   * /proc/self is root's, and so is the folder behind it where the process may not be dumped.
   */
  private static int ownUser() throws StartRefusedException {
    try (Stream<String> status = Files.lines(Path.of("/proc/self/status"))) {
      return status
          .filter(line -> line.startsWith("Uid:"))
          .map(line -> Integer.parseUnsignedInt(line.split("\\s+", -1)[2]))
          .findFirst()
          .orElseThrow(() -> new IOException("it has no line Uid"));
    } catch (IOException | UncheckedIOException e) {
      throw new StartRefusedException(
          "which user this CA runs as cannot be read from /proc/self/status: " + e.getMessage(), e);
    }
  }

  /** gRPC wraps what the kernel said. */
  private static String said(IOException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return String.valueOf(cause.getMessage());
  }

  /** From the connection to the calls on it. */
  private static final class PeersUser implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      Integer uid = call.getAttributes().get(PeerGate.UID);
      if (uid == null) {
        throw new IllegalStateException("a connection that did not pass the gate");
      }
      return Contexts.interceptCall(
          Context.current().withValue(AdminRpc.UID, uid), call, headers, next);
    }
  }

  @Override
  public void close() {
    watches.close();
    server.shutdown();
    try {
      if (!server.awaitTermination(DRAIN_SECONDS, TimeUnit.SECONDS)) {
        server.shutdownNow();
        server.awaitTermination(DRAIN_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
    var _ = io.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
