package dev.signet.agent.bundle;

import dev.signet.spiffe.X509Bundle;

/** A bundle and the revision that names it. */
public record HeldBundle(long revision, X509Bundle bundle) {}
