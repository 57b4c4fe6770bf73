package dev.signet.ca.authority;

/**
 * How far the trust state is.
 *
 * @param version rises by one with each step
 * @param revision of the bundle; rises with each change of the set of roots in it
 */
public record TrustVersion(long version, long revision) {}
