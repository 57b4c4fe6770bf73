package dev.signet.ca.authority;

import dev.signet.ca.keys.KeyId;
import java.time.Instant;
import java.util.Optional;

/**
 * What the store knows of an authority.
 *
 * @param keySha256 lower-case hex SHA-256 of the key's SubjectPublicKeyInfo; from {@code ACTIVE} on
 * @param certificate DER, as stored; from {@code ACTIVE} on
 */
public record AuthorityRow(
    KeyId keyId,
    Role role,
    State state,
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

  /** Where it stands; there is no way back. */
  public enum State {
    /** Being made. Nothing rests on it. */
    PREPARED,
    /** At most one of each role. */
    ACTIVE,
    /** Replaced; what it signed is valid on. */
    RETIRED
  }
}
