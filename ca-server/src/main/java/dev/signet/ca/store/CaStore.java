package dev.signet.ca.store;

import dev.signet.ca.authority.AuthorityStore;
import dev.signet.ca.issuance.IssuanceLog;
import dev.signet.ca.issuance.LiveAgents;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.keys.SealedKeyPlace;
import dev.signet.ca.rotation.EvidenceStore;
import dev.signet.ca.rotation.TrustStateStore;
import java.io.IOException;
import java.util.Optional;

/** An open store: the ports that one database is behind. Thread-safe. */
public interface CaStore extends AutoCloseable {
  IssuanceLog issuanceLog();

  AuthorityStore authorityStore();

  LiveAgents liveAgents();

  /** What all replicas agree on about roots. The same one at each call. */
  TrustStateStore trustStates();

  EvidenceStore evidence();

  /** Where keys lie sealed, if this store is a place for them; they lie in a folder if not. */
  Optional<SealedKeyPlace> sealedKeys();

  /**
   * Looks whether the store can be read and, where it did not take what was written last, whether
   * it takes it now. While it does, nothing is written for this. May block.
   *
   * @throws RefusedException saying what is wrong
   */
  void check() throws RefusedException, InterruptedException;

  /** Writes what is queued, then lets go. */
  @Override
  void close() throws IOException;
}
