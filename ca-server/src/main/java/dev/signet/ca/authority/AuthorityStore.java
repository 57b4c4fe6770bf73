package dev.signet.ca.authority;

import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.keys.KeyId;
import java.time.Instant;
import java.util.List;

/**
 * The authorities as they are stored. Each write is one durable transaction. Thread-safe; every
 * call may block, and fails with {@code STORE_UNAVAILABLE}.
 */
public interface AuthorityStore {
  /** All, the oldest first. */
  List<AuthorityRow> authorities() throws RefusedException;

  /** Says, before there is a key, what it will be for. */
  void prepare(KeyId keyId, AuthorityRow.Role role, Instant createdAt) throws RefusedException;

  /**
   * Makes a prepared one the active one of its role, and retires the one before. A root enters the
   * bundle by this, whose revision rises.
   *
   * @throws IllegalStateException if it is not prepared
   */
  void activate(KeyId keyId, String keySha256, byte[] certificate) throws RefusedException;

  /** Forgets one that is prepared; its key is destroyed before. */
  void remove(KeyId keyId) throws RefusedException;

  /** 0 before the first root. */
  long bundleRevision() throws RefusedException;
}
