package dev.signet.ca.adapter.grpc;

import dev.signet.ca.adapter.tls.PeerVerifier;
import dev.signet.ca.bundle.CurrentBundle;
import dev.signet.ca.issuance.AgentPeer;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.spiffe.SpiffeException;
import dev.signet.spiffe.TrustDomain;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * Who is at the other end of one connection. The handshake is not enough: a connection lives longer
 * than what was true when it began, so each call verifies the peer again (THREATS T20, T21).
 * Signatures are checked anew when the bundle has changed, the end of validity each time.
 * Thread-safe.
 */
final class Connection {
  private final PeerVerifier verifier;
  private final CurrentBundle bundles;
  private final TrustDomain trustDomain;
  private final List<X509Certificate> chain;
  private final String address;
  private volatile Optional<Verified> last = Optional.empty();

  Connection(
      PeerVerifier verifier,
      CurrentBundle bundles,
      TrustDomain trustDomain,
      List<X509Certificate> chain,
      String address) {
    this.verifier = verifier;
    this.bundles = bundles;
    this.trustDomain = trustDomain;
    this.chain = List.copyOf(chain);
    this.address = address;
  }

  private record Verified(long revision, AgentPeer agent) {}

  /** The certificates that the peer showed in the handshake; none if it showed none. */
  static List<X509Certificate> shown(SSLSession session) {
    List<X509Certificate> chain = new ArrayList<>();
    try {
      for (Certificate certificate : session.getPeerCertificates()) {
        if (certificate instanceof X509Certificate x509) {
          chain.add(x509);
        }
      }
    } catch (SSLPeerUnverifiedException e) {
      return List.of();
    }
    return chain;
  }

  /** IP address of the peer. */
  String address() {
    return address;
  }

  /**
   * The agent that the peer proves to be, now.
   *
   * @throws RefusedException with {@link RefusalReason#CALLER_NOT_AGENT}
   */
  AgentPeer agent(Instant now) throws RefusedException {
    if (chain.isEmpty()) {
      throw new RefusedException(RefusalReason.CALLER_NOT_AGENT, "no certificate was shown");
    }
    long revision = bundles.get().revision();
    Optional<Verified> known =
        last.filter(v -> v.revision() == revision && now.isBefore(v.agent().notAfter()));
    if (known.isPresent()) {
      return known.get().agent();
    }
    try {
      AgentPeer agent = AgentPeer.of(trustDomain, verifier.verify(chain));
      last = Optional.of(new Verified(revision, agent));
      return agent;
    } catch (SpiffeException e) {
      throw new RefusedException(RefusalReason.CALLER_NOT_AGENT, String.valueOf(e.getMessage()), e);
    }
  }
}
