package dev.signet.workload;

import dev.signet.spiffe.VerifiedX509Svid;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The verified identity at the other end of a connection.
 *
 * <p>It was verified at the handshake, with the bundles and the time of then: a connection that
 * lives longer than the peer's SVID ({@link VerifiedX509Svid#notAfter}) says who the peer was.
 */
public final class PeerIdentity {

  /** Not guessable by accident, and of no meaning to anyone else who keeps values in a session. */
  private static final String SESSION_KEY = PeerIdentity.class.getName() + ".verified";

  private PeerIdentity() {}

  /**
   * The peer of a finished handshake: {@code SSLSocket.getSession()}, {@code
   * SSLEngine.getSession()}, {@code HttpsExchange.getSSLSession()}, {@code
   * HttpResponse.sslSession()}, gRPC's {@code Grpc.TRANSPORT_ATTR_SSL_SESSION}.
   *
   * @throws SSLPeerUnverifiedException if the handshake was not made by a {@link SpiffeTls}
   *     context, is not finished, or the peer has presented no certificate
   */
  public static VerifiedX509Svid of(@Nullable SSLSession session)
      throws SSLPeerUnverifiedException {
    if (session != null && session.getValue(SESSION_KEY) instanceof VerifiedX509Svid verified) {
      return verified;
    }
    throw new SSLPeerUnverifiedException(
        "the connection has no verified SPIFFE identity: it is not TLS, was not made by a context of SpiffeTls, its"
            + " handshake is not finished, or a client certificate was not demanded (SpiffeTls.serverParameters)");
  }

  static void record(SSLSession handshake, VerifiedX509Svid verified) {
    handshake.putValue(SESSION_KEY, verified);
  }
}
