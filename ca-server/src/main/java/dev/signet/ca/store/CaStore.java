package dev.signet.ca.store;

import dev.signet.ca.authority.AuthorityStore;
import dev.signet.ca.issuance.IssuanceLog;
import dev.signet.ca.issuance.LiveAgents;
import dev.signet.ca.issuance.RefusedException;
import java.io.IOException;

/** An open store: the ports that one database is behind. Thread-safe. */
public interface CaStore extends AutoCloseable {
  IssuanceLog issuanceLog();

  AuthorityStore authorityStore();

  LiveAgents liveAgents();

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
