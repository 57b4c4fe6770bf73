package dev.signet.workload;

import dev.signet.spiffe.PresentedX509Chain;
import dev.signet.spiffe.SpiffeException;
import dev.signet.spiffe.VerifiedX509Svid;
import dev.signet.spiffe.X509SvidVerifier;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets in peers whose chain verifies under the current bundle of their own trust domain, and whom
 * the authorizer names. Thread-safe.
 *
 * <p>A SPIFFE ID takes the place of a host name: as an extended trust manager it has the whole duty
 * of endpoint identification, and the algorithm ("HTTPS") that clients set on an engine is not
 * looked at.
 */
final class SpiffeTrustManager extends X509ExtendedTrustManager {

  private static final Logger LOG = LoggerFactory.getLogger(SpiffeTrustManager.class);

  private final X509Source source;
  private final Authorizer authorizer;

  SpiffeTrustManager(X509Source source, Authorizer authorizer) {
    this.source = source;
    this.authorizer = authorizer;
  }

  private void check(X509Certificate @Nullable [] chain, @Nullable SSLSession handshake)
      throws CertificateException {
    VerifiedX509Svid peer;
    try {
      peer = verify(chain == null ? List.of() : List.of(chain));
    } catch (PeerRefusedException e) {
      // Servers tend to swallow what a handshake throws.
      LOG.debug("peer refused: {}", e.getMessage());
      throw e;
    }
    if (handshake != null) {
      PeerIdentity.record(handshake, peer);
    }
  }

  private VerifiedX509Svid verify(List<X509Certificate> chain) throws PeerRefusedException {
    VerifiedX509Svid peer;
    try {
      X509Context own = source.identity().context();
      peer = X509SvidVerifier.verify(PresentedX509Chain.of(chain), own.bundles(), source.now());
    } catch (SpiffeException e) {
      throw PeerRefusedException.unverified(e);
    } catch (SvidUnavailableException e) {
      throw PeerRefusedException.unprepared(e);
    }
    if (!permits(peer)) {
      throw PeerRefusedException.unauthorized(peer.id(), authorizer);
    }
    return peer;
  }

  /** A rule that fails is a no, and must not take the server's own thread with it. */
  private boolean permits(VerifiedX509Svid peer) throws PeerRefusedException {
    try {
      return authorizer.permits(peer);
    } catch (RuntimeException e) {
      throw PeerRefusedException.undecided(peer.id(), authorizer, e);
    }
  }

  private static @Nullable SSLSession handshake(@Nullable SSLEngine engine) {
    return engine == null ? null : engine.getHandshakeSession();
  }

  private static @Nullable SSLSession handshake(@Nullable Socket socket) {
    return socket instanceof SSLSocket tls ? tls.getHandshakeSession() : null;
  }

  @Override
  public void checkClientTrusted(
      X509Certificate @Nullable [] chain, @Nullable String authType, @Nullable SSLEngine engine)
      throws CertificateException {
    check(chain, handshake(engine));
  }

  @Override
  public void checkServerTrusted(
      X509Certificate @Nullable [] chain, @Nullable String authType, @Nullable SSLEngine engine)
      throws CertificateException {
    check(chain, handshake(engine));
  }

  @Override
  public void checkClientTrusted(
      X509Certificate @Nullable [] chain, @Nullable String authType, @Nullable Socket socket)
      throws CertificateException {
    check(chain, handshake(socket));
  }

  @Override
  public void checkServerTrusted(
      X509Certificate @Nullable [] chain, @Nullable String authType, @Nullable Socket socket)
      throws CertificateException {
    check(chain, handshake(socket));
  }

  @Override
  public void checkClientTrusted(X509Certificate @Nullable [] chain, @Nullable String authType)
      throws CertificateException {
    check(chain, null);
  }

  @Override
  public void checkServerTrusted(X509Certificate @Nullable [] chain, @Nullable String authType)
      throws CertificateException {
    check(chain, null);
  }

  /**
   * None: the list would go to every client in the clear on TLS 1.2, and is a hint that no SPIFFE
   * client needs.
   */
  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
