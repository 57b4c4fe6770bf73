package dev.signet.ca.rotation;

import java.time.Instant;

/**
 * How far a replica of the CA is.
 *
 * @param version of the trust state by which it verifies and signs, its own certificate renewed
 * @param published revision of the bundle that it knows to be published for agents to dial by
 */
public record ReplicaReport(String replica, long version, long published, Instant seen) {}
