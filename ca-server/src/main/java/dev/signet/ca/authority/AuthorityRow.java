package dev.signet.ca.authority;

import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.AuthorityState;
import dev.signet.ca.rotation.Since;
import java.time.Instant;
import java.util.Optional;

/**
 * What the store knows of an authority.
 *
 * @param root that signed, or is to sign, an issuing authority; empty for a root
 * @param replica whose issuing authority it is; empty for a root
 * @param since when it came to its state
 * @param forced whether leaves below are to be replaced at once
 * @param keySha256 lower-case hex SHA-256 of the key's SubjectPublicKeyInfo; once it is complete
 * @param certificate DER, as stored; once it is complete
 */
public record AuthorityRow(
    KeyId keyId,
    Role role,
    AuthorityState state,
    Optional<KeyId> root,
    String replica,
    Since since,
    boolean forced,
    Optional<String> keySha256,
    Optional<byte[]> certificate,
    Instant createdAt) {
  /** What it signs. */
  public enum Role {
    /** Issuing authorities. */
    ROOT,
    /** Leaves. */
    ISSUING
  }

  /** The same in another state. */
  public AuthorityRow in(AuthorityState next) {
    return new AuthorityRow(
        keyId, role, next, root, replica, since, forced, keySha256, certificate, createdAt);
  }

  /** The same with another certificate. */
  public AuthorityRow with(Optional<byte[]> other) {
    return new AuthorityRow(
        keyId, role, state, root, replica, since, forced, keySha256, other, createdAt);
  }
}
