package dev.signet.ca.adapter.grpc;

import dev.signet.ca.adapter.tls.PeerVerifier;
import dev.signet.ca.bundle.CurrentBundle;
import dev.signet.ca.issuance.AgentPeer;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.rotation.NodeRef;
import dev.signet.spiffe.SpiffeException;
import dev.signet.spiffe.TrustDomain;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * Who is at the other end of one connection. The handshake is not enough: a connection lives longer
 * than what was true when it began, so each call verifies the peer again (THREATS T20, T21).
 * Signatures are checked anew when the bundle has changed, the end of validity each time.
 * Thread-safe.
 */
final class Connection {
  private final Checks checks;
  private final List<X509Certificate> chain;
  private final String address;
  private final Runnable hangUp;
  private final AtomicBoolean hungUp = new AtomicBoolean();
  private volatile Optional<Verified> last = Optional.empty();

  /** By what a peer is verified. */
  record Checks(PeerVerifier verifier, CurrentBundle bundles, TrustDomain trustDomain) {}

  /**
   * A connection of a peer that has proved nothing yet.
   *
   * @param chain as the peer showed it; empty if it showed none
   * @param hangUp closes it in a moment
   */
  Connection(Checks checks, List<X509Certificate> chain, String address, Runnable hangUp) {
    this.checks = checks;
    this.chain = List.copyOf(chain);
    this.address = address;
    this.hangUp = hangUp;
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

  /** Whether the peer has proved to be this node's agent. */
  boolean isOf(NodeRef node) {
    return last.map(Verified::agent)
        .filter(agent -> new NodeRef(agent.cluster(), agent.nodeName()).equals(node))
        .isPresent();
  }

  /** Closes the connection in a moment, with all calls on it. */
  void hangUp() {
    if (hungUp.compareAndSet(false, true)) {
      hangUp.run();
    }
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
    long revision = checks.bundles().get().revision();
    Optional<Verified> known =
        last.filter(v -> v.revision() == revision && now.isBefore(v.agent().notAfter()));
    if (known.isPresent()) {
      return known.get().agent();
    }
    try {
      AgentPeer agent = AgentPeer.of(checks.trustDomain(), checks.verifier().verify(chain));
      last = Optional.of(new Verified(revision, agent));
      return agent;
    } catch (SpiffeException e) {
      throw new RefusedException(RefusalReason.CALLER_NOT_AGENT, String.valueOf(e.getMessage()), e);
    }
  }
}
