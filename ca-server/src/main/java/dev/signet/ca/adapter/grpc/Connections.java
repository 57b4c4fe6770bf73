package dev.signet.ca.adapter.grpc;

import dev.signet.ca.adapter.tls.PeerVerifier;
import dev.signet.ca.bundle.CurrentBundle;
import dev.signet.spiffe.TrustDomain;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerTransportFilter;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLSession;

/** Gives each connection its {@link Connection} when it is ready. Thread-safe. */
final class Connections extends ServerTransportFilter {
  private static final Attributes.Key<Connection> CONNECTION = Attributes.Key.create("connection");

  private final PeerVerifier verifier;
  private final CurrentBundle bundles;
  private final TrustDomain trustDomain;

  Connections(PeerVerifier verifier, CurrentBundle bundles, TrustDomain trustDomain) {
    this.verifier = verifier;
    this.bundles = bundles;
    this.trustDomain = trustDomain;
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
    return attributes.toBuilder()
        .set(CONNECTION, new Connection(verifier, bundles, trustDomain, chain, address))
        .build();
  }
}
