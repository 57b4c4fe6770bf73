package dev.signet.ca.authority;

import dev.signet.ca.keys.KeyId;
import java.time.Instant;

/** Until when what signs is valid, for those who raise an alarm about it. */
public record AuthorityLife(
    KeyId rootKeyId, Instant rootNotAfter, KeyId authorityKeyId, Instant authorityNotAfter) {}
