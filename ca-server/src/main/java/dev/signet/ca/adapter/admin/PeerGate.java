package dev.signet.ca.adapter.admin;

import io.grpc.Attributes;
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
import io.netty.util.AsciiString;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands before HTTP/2 on each new connection: asks the kernel whose it is, and closes it unread if
 * that user may not or too many are open. Second to the mode of the socket's file, which another
 * process of the CA's user could change.
 *
 * <p>The negotiator is gRPC's internal hook, the only one that sees the channel; the version is
 * pinned and the tests of this package hold it. Thread-safe.
 */
final class PeerGate implements InternalProtocolNegotiator.ProtocolNegotiator {
  /** The user on the other side of a call's connection, as the kernel had it at connect time. */
  static final Attributes.Key<Integer> UID = Attributes.Key.create("dev.signet.ca.admin-uid");

  private static final Logger log = LoggerFactory.getLogger(PeerGate.class);

  private final InternalProtocolNegotiator.ProtocolNegotiator plaintext =
      InternalProtocolNegotiators.serverPlaintext();
  private final IntPredicate allowed;
  private final int mostConnections;
  private final Set<Channel> open = ConcurrentHashMap.newKeySet();

  PeerGate(IntPredicate allowed, int mostConnections) {
    this.allowed = allowed;
    this.mostConnections = mostConnections;
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

  private boolean admit(Channel channel, int uid) {
    if (!allowed.test(uid)) {
      log.warn(
          "closed an operator's connection of uid {}: it is neither root nor the CA's own", uid);
      return false;
    }
    open.add(channel);
    channel.closeFuture().addListener(_ -> open.remove(channel));
    if (open.size() > mostConnections) {
      log.warn("closed an operator's connection of uid {}: {} are open", uid, mostConnections);
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
      int uid;
      try {
        uid = ((EpollDomainSocketChannel) context.channel()).peerCredentials().uid();
      } catch (IOException e) {
        log.warn("closed an operator's connection whose user cannot be told: {}", e.getMessage());
        var _ = context.close();
        return;
      }
      if (!admit(context.channel(), uid)) {
        var _ = context.close();
        return;
      }
      Attributes attributes =
          InternalProtocolNegotiationEvent.getAttributes(negotiation).toBuilder()
              .set(UID, uid)
              .build();
      ProtocolNegotiationEvent withUser =
          InternalProtocolNegotiationEvent.withAttributes(negotiation, attributes);
      context.pipeline().replace(this, null, plaintext.newHandler(http2));
      context.pipeline().fireUserEventTriggered(withUser);
    }
  }
}
