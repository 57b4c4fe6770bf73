package dev.signet.ca.rotation;

import java.time.Instant;

/**
 * When something became what it is: the version of the trust state and the revision of the bundle
 * by then, and the time.
 */
public record Since(long version, long revision, Instant at) {}
