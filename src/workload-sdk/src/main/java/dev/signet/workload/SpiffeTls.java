package dev.signet.workload;

import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * Mutual TLS between workloads: presents the SVID of a source, verifies the peer with its bundles,
 * and lets in whom the authorizer names. Every connection uses the content that is current at its
 * handshake.
 *
 * <p>The context works for clients and for servers, with all that takes an {@link SSLContext}:
 * {@code java.net.http.HttpClient}, {@code HttpsServer}, sockets, and Netty or gRPC by {@code
 * JdkSslContext}. What it is made to guarantee:
 *
 * <ul>
 *   <li>TLS 1.3 or 1.2 only, on 1.2 only with forward secrecy and authenticated encryption;
 *   <li>a server demands a client certificate, unless its own code explicitly switches that off
 *       afterwards;
 *   <li>every connection makes a full handshake: no session is resumed and no ticket honoured, so
 *       that no peer gets in on the verification of an earlier day;
 *   <li>host names are not compared: the SPIFFE ID is the name.
 * </ul>
 *
 * <p>That is also why there is no way to take out the key manager and the trust manager alone: in a
 * context made elsewhere, resumption would skip them. A connection that is up is not cut when its
 * peer is no longer welcome.
 *
 * <p>Immutable, thread-safe. Needs no closing; the source does.
 */
public final class SpiffeTls {

  private final SpiffeSslContext context;

  private SpiffeTls(SpiffeSslContext context) {
    this.context = context;
  }

  /**
   * Mutual TLS as the identity of {@code source} with the peers that {@code authorizer} names. A
   * server and a client of one process usually have different peers, and so one of these each.
   */
  public static SpiffeTls of(X509Source source, Authorizer authorizer) {
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(authorizer, "authorizer");
    return new SpiffeTls(
        SpiffeSslContext.of(
            new SpiffeKeyManager(source), new SpiffeTrustManager(source, authorizer)));
  }

  /** The context, for both sides. It cannot be initialised again, and keeps no sessions. */
  public SSLContext sslContext() {
    return context;
  }

  /**
   * Parameters for servers that set their own on each connection: they demand a client certificate.
   * A server with a setting of its own for that (Jetty's and Tomcat's "need client auth", Netty's
   * {@code ClientAuth.REQUIRE}) must have it switched on; where it is not, {@link PeerIdentity#of}
   * finds nobody. A fresh copy at each call.
   */
  public SSLParameters serverParameters() {
    return context.getDefaultSSLParameters();
  }
}
