package dev.signet.workload;

import dev.signet.spiffe.SpiffeId;
import java.security.cert.CertificateException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A peer was not let in, or not talked to: its chain does not verify, or it verifies and the {@link
 * Authorizer} says no. JSSE wraps it: look for it among the causes of the {@code
 * SSLHandshakeException}.
 */
public final class PeerRefusedException extends CertificateException {

  private static final long serialVersionUID = 1L;

  private final transient @Nullable SpiffeId peer;

  private PeerRefusedException(String message, @Nullable SpiffeId peer, @Nullable Throwable cause) {
    super(message, cause);
    this.peer = peer;
  }

  static PeerRefusedException unverified(RuntimeException cause) {
    return new PeerRefusedException(
        "the peer's certificate is not an X509-SVID that this workload can verify: "
            + cause.getMessage(),
        null,
        cause);
  }

  static PeerRefusedException unauthorized(SpiffeId peer, Authorizer authorizer) {
    return new PeerRefusedException(
        "the peer is " + peer + ", and this connection is for " + authorizer + " only", peer, null);
  }

  static PeerRefusedException undecided(
      SpiffeId peer, Authorizer authorizer, RuntimeException cause) {
    return new PeerRefusedException(
        "the peer is " + peer + ", and the rule for " + authorizer + " failed on it", peer, cause);
  }

  static PeerRefusedException unprepared(SvidUnavailableException cause) {
    return new PeerRefusedException(
        "no peer can be verified without a valid SVID and bundle of one's own: "
            + cause.getMessage(),
        null,
        cause);
  }

  /** The verified identity that was not allowed; empty if the peer could not be verified at all. */
  public Optional<SpiffeId> peer() {
    return Optional.ofNullable(peer);
  }
}
