package dev.signet.cli.cluster;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * All that preflight looks at.
 *
 * @param namespace the one Signet is or will be in; empty if it does not exist
 * @param dnsEndpoints ready endpoints of the cluster's DNS; empty if its Service was not found
 */
public record ClusterFacts(
    ServerFacts server,
    Observed<List<NodeFact>> nodes,
    Observed<PodFacts> pods,
    Observed<Optional<NamespaceFact>> namespace,
    Observed<AccessFacts> access,
    Observed<OptionalInt> dnsEndpoints,
    InstallationFacts installation) {}
