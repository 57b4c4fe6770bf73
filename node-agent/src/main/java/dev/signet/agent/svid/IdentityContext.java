package dev.signet.agent.svid;

import dev.signet.agent.bundle.BundleHolder;
import dev.signet.agent.loop.AgentLoop;
import dev.signet.spiffe.TrustDomain;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/** What every pod's identity works with. */
public record IdentityContext(
    TrustDomain trustDomain,
    AgentLoop loop,
    InstantSource clock,
    RandomGenerator random,
    BundleHolder bundles,
    SvidMetrics metrics,
    IdentityKeeper keeper) {}
