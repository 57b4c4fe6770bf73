package dev.signet.ca.bundle;

import dev.signet.ca.issuance.RefusedException;
import java.security.cert.X509Certificate;
import java.util.List;

/** What the store knows of roots, for whoever is about to write over what is published. */
public interface KnownRoots {
  /** Every root there ever was, those that left the bundle included. Does not block. */
  List<X509Certificate> all();

  /**
   * The bundle's newest revision: a replica that is behind must not put an older bundle in a newer
   * one's place. Blocks.
   *
   * @throws RefusedException {@code STORE_UNAVAILABLE} if it is not known now
   */
  long newestRevision() throws RefusedException;
}
