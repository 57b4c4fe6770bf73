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

  /**
   * Says, before there is a key, what it will be for.
   *
   * @throws RefusedException if there is one of that name, or, for the first root, any root
   */
  void prepare(KeyId keyId, NewAuthority what, Instant createdAt) throws RefusedException;

  /**
   * Gives a prepared one its certificate. An issuing authority is active by this, and the one of
   * its replica before is retired. So is the first root of a store, with which the bundle's
   * revision and the state's version become 1. A later root stays prepared: the rotation decides
   * when it is published. Of several certificates for it, by as many replicas, the first stays.
   *
   * @throws IllegalStateException if it is not prepared
   * @throws RefusedException {@code AUTHORITY_UNAVAILABLE} for an issuing authority whose root may
   *     not sign any more, and for a root that another process completed or gave up
   */
  void complete(KeyId keyId, String keySha256, byte[] certificate) throws RefusedException;

  /** Forgets one that is prepared; its key is destroyed before. */
  void remove(KeyId keyId) throws RefusedException;

  /** How far the trust state is; 0 and 0 before the first root. */
  TrustVersion trustVersion() throws RefusedException;
}
