package dev.signet.ca.adapter.grpc;

import dev.signet.ca.adapter.tls.PeerVerifier;
import dev.signet.ca.bundle.CurrentBundle;
import dev.signet.ca.rotation.NodeRef;
import dev.signet.spiffe.TrustDomain;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerTransportFilter;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Gives each connection its {@link Connection} when it is ready, and closes those of banned nodes.
 * Thread-safe.
 */
final class Connections extends ServerTransportFilter {
  private static final Attributes.Key<Connection> CONNECTION = Attributes.Key.create("connection");

  /** So long a peer has to read why it is cut off. */
  private static final Duration LAST_WORDS = Duration.ofMillis(500);

  private final PeerVerifier verifier;
  private final CurrentBundle bundles;
  private final TrustDomain trustDomain;
  private final OpenChannels channels;
  private final ScheduledExecutorService timers;
  private final Set<Connection> open = ConcurrentHashMap.newKeySet();

  /**
   * Knows no connection yet.
   *
   * @param timers gives peers a moment to read why before they are cut off
   */
  Connections(
      PeerVerifier verifier,
      CurrentBundle bundles,
      TrustDomain trustDomain,
      OpenChannels channels,
      ScheduledExecutorService timers) {
    this.verifier = verifier;
    this.bundles = bundles;
    this.trustDomain = trustDomain;
    this.channels = channels;
    this.timers = timers;
  }

  /** Closes all connections on which this node's agent has called, within a second. */
  void hangUp(NodeRef node) {
    open.stream().filter(connection -> connection.isOf(node)).forEach(Connection::hangUp);
  }

  static Connection of(Attributes attributes) {
    return Objects.requireNonNull(attributes.get(CONNECTION), "a call without a connection");
  }

  @Override
  public Attributes transportReady(Attributes attributes) {
    SSLSession session = attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    List<X509Certificate> chain = session == null ? List.of() : Connection.shown(session);
    SocketAddress remote = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    String address =
        remote instanceof InetSocketAddress inet ? inet.getHostString() : String.valueOf(remote);
    Connection connection =
        new Connection(
            new Connection.Checks(verifier, bundles, trustDomain),
            chain,
            address,
            () -> closeSoon(remote));
    open.add(connection);
    return attributes.toBuilder().set(CONNECTION, connection).build();
  }

  private void closeSoon(@Nullable SocketAddress peer) {
    if (peer != null) {
      var _ =
          timers.schedule(() -> channels.close(peer), LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /**
   * Forgets it.
   *
   * @param attributes null of one that ended before it was ready, as after a scan of the port;
   *     should this throw, gRPC would count it as open for ever
   */
  @Override
  public void transportTerminated(@Nullable Attributes attributes) {
    Connection gone = attributes == null ? null : attributes.get(CONNECTION);
    if (gone != null) {
      open.remove(gone);
    }
  }
}
