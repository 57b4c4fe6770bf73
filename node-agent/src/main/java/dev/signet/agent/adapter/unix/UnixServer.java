package dev.signet.agent.adapter.unix;

import dev.signet.agent.adapter.linux.Descriptor;
import io.grpc.Server;
import io.grpc.netty.InternalNettyServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;

/**
 * A gRPC server on one Unix socket. It listens when {@link #start} returns. Whoever started it
 * closes it; closing never writes a frame, so that clients see UNAVAILABLE and come back.
 *
 * <p>Thread-safe.
 */
public final class UnixServer {
  /** {@code sun_path} holds 108 bytes and the last is NUL. */
  public static final int MAX_PATH_BYTES = 107;

  private final Server server;
  private final ConnectionGate gate;

  private UnixServer(Server server, ConnectionGate gate) {
    this.server = server;
    this.gate = gate;
  }

  /**
   * Binds the socket and serves. A socket left behind at the path is replaced; any other file there
   * is left alone and refused.
   *
   * @param permissions of the socket's file, such as {@code rw-rw-rw-}
   * @throws IOException if the path is too long, occupied or cannot be bound
   */
  public static UnixServer start(UnixServerSpec spec, String permissions) throws IOException {
    int length = spec.path().toString().getBytes(StandardCharsets.UTF_8).length;
    if (length > MAX_PATH_BYTES) {
      throw new IOException(
          "the socket path "
              + spec.path()
              + " has "
              + length
              + " bytes; a Unix socket's holds at most "
              + MAX_PATH_BYTES
              + ": choose a shorter folder");
    }
    removeStaleSocket(spec.path());
    var limits = spec.limits();
    var gate = new ConnectionGate(spec.peers(), limits.connections());
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(
                new DomainSocketAddress(spec.path().toString()),
                InternalNettyServerCredentials.create(gate))
            .channelType(EpollServerDomainSocketChannel.class)
            .bossEventLoopGroup(spec.group())
            .workerEventLoopGroup(spec.group())
            .executor(spec.executor())
            .maxConcurrentCallsPerConnection(limits.streams())
            .maxInboundMessageSize(limits.messageBytes())
            .maxInboundMetadataSize(limits.metadataBytes())
            .handshakeTimeout(limits.handshake().toMillis(), TimeUnit.MILLISECONDS)
            .flowControlWindow(65_535)
            .maxRstFramesPerWindow(200, 10)
            .permitKeepAliveTime(10, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .maxConnectionIdle(5, TimeUnit.MINUTES);
    spec.services().forEach(builder::addService);
    spec.interceptors().forEach(builder::intercept);
    Server server = builder.build().start();
    try {
      allow(spec.path(), permissions);
    } catch (IOException e) {
      server.shutdownNow();
      throw e;
    }
    return new UnixServer(server, gate);
  }

  /** On the socket itself: a link that took its place meanwhile is not followed. */
  static void allow(Path path, String permissions) throws IOException {
    try (Descriptor socket = Descriptor.openItself(path)) {
      if (!socket.status().isSocket()) {
        throw new IOException(path + " is no socket any more: someone else writes to its folder");
      }
      Files.setPosixFilePermissions(socket.path(), PosixFilePermissions.fromString(permissions));
    }
  }

  private static void removeStaleSocket(Path path) throws IOException {
    BasicFileAttributes found;
    try {
      found = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException absent) {
      return;
    }
    if (!found.isOther()) {
      throw new IOException(path + " exists and is no socket: move it away, it is not the agent's");
    }
    Files.delete(path);
  }

  /** Connections open now. */
  public int connections() {
    return gate.connections();
  }

  /**
   * Ends all connections, then stops listening and removes the socket's file. Does not wait; safe
   * to call twice.
   */
  public void close() {
    var _ = gate.closeConnections().thenRun(server::shutdownNow);
  }

  /** {@link #close()}, and waits until it is done, at most two seconds; not on an I/O thread. */
  public void closeAndWait() {
    close();
    try {
      server.awaitTermination(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
