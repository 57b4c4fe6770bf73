package dev.signet.agent.adapter.unix;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.ProtocolNegotiationEvent;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.PeerCredentials;
import io.netty.util.AsciiString;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands before HTTP/2 on each new connection: reads the peer's credentials, closes what is not
 * allowed or too many, and can end all connections below HTTP/2.
 *
 * <p>Why below: when gRPC's server is told to stop now it resets each stream with CANCEL, and
 * clients take CANCELLED as final (SPIFFE.md C-2). A connection that simply ends is UNAVAILABLE to
 * all of them. The negotiator is gRPC's internal hook, the only one that sees the channel; the
 * version is pinned and the tests of this package hold it.
 *
 * <p>Thread-safe.
 */
final class ConnectionGate implements InternalProtocolNegotiator.ProtocolNegotiator {
  private static final Logger log = LoggerFactory.getLogger(ConnectionGate.class);

  private final InternalProtocolNegotiator.ProtocolNegotiator plaintext =
      InternalProtocolNegotiators.serverPlaintext();
  private final PeerCheck peers;
  private final int maxConnections;
  private final Set<Channel> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closing;

  ConnectionGate(PeerCheck peers, int maxConnections) {
    this.peers = peers;
    this.maxConnections = maxConnections;
  }

  @Override
  public AsciiString scheme() {
    return plaintext.scheme();
  }

  @Override
  public ChannelHandler newHandler(GrpcHttp2ConnectionHandler http2) {
    return new Checkpoint(http2);
  }

  @Override
  public void close() {
    plaintext.close();
  }

  int connections() {
    return open.size();
  }

  /** Ends every connection, now and from now on; completes when all have ended. */
  CompletableFuture<Void> closeConnections() {
    closing = true;
    var ended = new ArrayList<CompletableFuture<Void>>();
    for (Channel channel : open) {
      var done = new CompletableFuture<Void>();
      channel.closeFuture().addListener(_ -> done.complete(null));
      ended.add(done);
      channel.eventLoop().execute(() -> closeBelowHttp2(channel));
    }
    return CompletableFuture.allOf(ended.toArray(CompletableFuture[]::new));
  }

  private static void closeBelowHttp2(Channel channel) {
    // From the first handler outwards there is only the transport: no handler can add a frame.
    ChannelHandlerContext first = channel.pipeline().firstContext();
    if (first == null) {
      var _ = channel.close();
    } else {
      var _ = first.close();
    }
  }

  /** Registers the channel first and checks then, so that no connection slips past a close. */
  private boolean admit(Channel channel, UnixPeer peer) {
    open.add(channel);
    channel.closeFuture().addListener(_ -> open.remove(channel));
    if (closing) {
      return false;
    }
    Optional<String> objection = peers.objection(peer);
    if (objection.isPresent()) {
      log.warn(
          "Refused a connection on {} by {}: {}", channel.localAddress(), peer, objection.get());
      return false;
    }
    if (open.size() > maxConnections) {
      log.debug("Closed a connection on {}: {} are open", channel.localAddress(), maxConnections);
      return false;
    }
    return true;
  }

  private final class Checkpoint extends ChannelInboundHandlerAdapter {
    private final GrpcHttp2ConnectionHandler http2;

    Checkpoint(GrpcHttp2ConnectionHandler http2) {
      this.http2 = http2;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
      if (!(event instanceof ProtocolNegotiationEvent negotiation)) {
        super.userEventTriggered(context, event);
        return;
      }
      UnixPeer peer = peer(context.channel());
      if (peer == null || !admit(context.channel(), peer)) {
        var _ = context.close();
        return;
      }
      var attributes =
          InternalProtocolNegotiationEvent.getAttributes(negotiation).toBuilder()
              .set(UnixPeer.KEY, peer)
              .build();
      ProtocolNegotiationEvent withPeer =
          InternalProtocolNegotiationEvent.withAttributes(negotiation, attributes);
      context.pipeline().replace(this, null, plaintext.newHandler(http2));
      context.pipeline().fireUserEventTriggered(withPeer);
    }
  }

  private static @Nullable UnixPeer peer(Channel channel) {
    try {
      PeerCredentials peer = ((EpollDomainSocketChannel) channel).peerCredentials();
      return new UnixPeer(peer.pid(), peer.uid());
    } catch (IOException e) {
      log.warn("Closed a connection whose peer cannot be told: {}", e.getMessage());
      return null;
    }
  }
}
