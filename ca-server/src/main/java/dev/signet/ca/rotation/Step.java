package dev.signet.ca.rotation;

import dev.signet.ca.issuance.IssuanceStep;
import dev.signet.ca.keys.KeyId;
import java.time.Instant;
import java.util.Optional;

/**
 * A step as it is kept for ever.
 *
 * @param kind what was done
 * @param authority to which authority
 * @param node to which node
 * @param who an operator's name, or {@code replica NAME} for what a CA did by itself
 * @param why as the operator gave it; empty where none was asked for
 * @param overrides what was not fulfilled and passed over; empty where all was
 */
public record Step(
    Instant at,
    Kind kind,
    Optional<KeyId> authority,
    Optional<NodeRef> node,
    String who,
    String why,
    String overrides) {
  /** What can be done. */
  public enum Kind {
    /** A next root is to be made. */
    PREPARE,
    /** It entered the bundle. */
    PUBLISH,
    /** It signs; the one before retires. */
    ACTIVATE,
    /** It left the bundle for good. */
    RETIRE,
    /** It was given up before it signed anything. */
    ABORT,
    PAUSE,
    RESUME,
    TAINT,
    REVOKE,
    BAN,
    UNBAN;

    /** What a store says of a step of this kind once it is durable. */
    public IssuanceStep reached() {
      return switch (this) {
        case PREPARE -> IssuanceStep.ROTATION_PREPARED;
        case PUBLISH -> IssuanceStep.ROTATION_PUBLISHED;
        case ACTIVATE -> IssuanceStep.ROTATION_ACTIVATED;
        case RETIRE -> IssuanceStep.ROTATION_RETIRED;
        case ABORT -> IssuanceStep.ROTATION_ABORTED;
        case PAUSE -> IssuanceStep.ROTATION_PAUSED;
        case RESUME -> IssuanceStep.ROTATION_RESUMED;
        case TAINT -> IssuanceStep.ROTATION_TAINTED;
        case REVOKE -> IssuanceStep.ROTATION_REVOKED;
        case BAN -> IssuanceStep.ROTATION_BANNED;
        case UNBAN -> IssuanceStep.ROTATION_UNBANNED;
      };
    }
  }
}
