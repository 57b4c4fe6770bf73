package dev.signet.agent.adapter.unix;

import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.netty.channel.EventLoopGroup;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * A socket to serve.
 *
 * @param path of the socket's file
 * @param group of epoll event loops that do its I/O
 * @param executor on which calls run
 * @param peers says who may connect; another's connection is closed unread
 */
public record UnixServerSpec(
    Path path,
    EventLoopGroup group,
    Executor executor,
    PeerCheck peers,
    UnixServerLimits limits,
    List<ServerServiceDefinition> services,
    List<ServerInterceptor> interceptors) {

  public UnixServerSpec {
    services = List.copyOf(services);
    interceptors = List.copyOf(interceptors);
  }
}
