package dev.signet.agent.upstream;

import dev.signet.agent.bundle.BundleHolder;
import dev.signet.agent.bundle.HeldBundle;
import dev.signet.spiffe.SpiffeException;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Bundle;
import dev.signet.spiffe.X509BundleSet;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the CA itself is verified with: the bundle of the session, or until there is one that of the
 * attestation, together with the mounted file, which is read anew at each dial. So an agent follows
 * a rotation by either way alone. None of it reaches workloads.
 *
 * <p>Thread-safe.
 */
public final class CaTrust {
  /** The mounted bundle. */
  @FunctionalInterface
  public interface BundleFile {
    X509Bundle read() throws IOException;
  }

  private static final Logger log = LoggerFactory.getLogger(CaTrust.class);

  private final TrustDomain trustDomain;
  private final BundleHolder session;
  private final BundleFile file;
  private volatile @Nullable X509Bundle attested;

  public CaTrust(TrustDomain trustDomain, BundleHolder session, BundleFile file) {
    this.trustDomain = trustDomain;
    this.session = session;
    this.file = file;
  }

  /** The bundle that came with the agent's own SVID. */
  void attested(X509Bundle bundle) {
    attested = bundle;
  }

  /**
   * The authorities to verify with now.
   *
   * @throws IOException if there are none: the file cannot be used and nothing else is held
   */
  public X509BundleSet anchors() throws IOException {
    Set<X509Certificate> authorities = new LinkedHashSet<>();
    HeldBundle held = session.held();
    X509Bundle known = held != null ? held.bundle() : attested;
    if (known != null) {
      authorities.addAll(known.authorities());
    }
    try {
      authorities.addAll(file.read().authorities());
    } catch (IOException | SpiffeException e) {
      if (authorities.isEmpty()) {
        throw new IOException("no bundle to verify the CA with: " + e.getMessage(), e);
      }
      log.warn("The mounted trust bundle cannot be used, the one held can: {}", e.getMessage());
    }
    return X509BundleSet.of(X509Bundle.of(trustDomain, authorities));
  }
}
