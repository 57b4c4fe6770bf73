package dev.signet.agent.adapter.ca;

import dev.signet.agent.upstream.CaTrust;
import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.X509Svid;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Dials the CA: where it is, whom to expect there, and the limits of a channel. Thread-safe. */
public final class CaDialer implements AutoCloseable {
  private static final int MAX_MESSAGE = 2 * 1024 * 1024;
  private static final int MAX_METADATA = 16 * 1024;

  /** Any replica serves any agent: each agent takes the addresses in an order of its own. */
  private static final Map<String, ?> SHUFFLED =
      Map.of(
          "loadBalancingConfig", List.of(Map.of("pick_first", Map.of("shuffleAddressList", true))));

  private final String host;
  private final int port;
  private final CaTrustManager trust;
  private final EventLoopGroup group;
  private final Set<ManagedChannel> channels = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  public CaDialer(
      String host,
      int port,
      SpiffeId expected,
      CaTrust trust,
      InstantSource clock,
      EventLoopGroup group) {
    this.host = host;
    this.port = port;
    this.trust = new CaTrustManager(expected, trust, clock);
    this.group = group;
  }

  /** A channel that shows this SVID, or none. */
  ManagedChannel dial(@Nullable X509Svid svid) {
    channels.removeIf(ManagedChannel::isShutdown);
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(host, port)
            .sslContext(CaTls.context(trust, svid))
            .eventLoopGroup(group)
            .channelType(EpollSocketChannel.class)
            .directExecutor()
            .proxyDetector(_ -> null)
            .disableRetry()
            .defaultServiceConfig(SHUFFLED)
            .keepAliveTime(20, TimeUnit.SECONDS)
            .keepAliveTimeout(10, TimeUnit.SECONDS)
            .maxInboundMessageSize(MAX_MESSAGE)
            .maxInboundMetadataSize(MAX_METADATA)
            .build();
    channels.add(channel);
    if (closed) {
      channel.shutdownNow();
    }
    return channel;
  }

  /**
   * Ends all channels now; one that is dialled later is dead. Waits a second at most for each, so
   * that none uses the threads that end next.
   */
  @Override
  public void close() {
    closed = true;
    channels.forEach(ManagedChannel::shutdownNow);
    for (ManagedChannel channel : channels) {
      try {
        channel.awaitTermination(1, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
