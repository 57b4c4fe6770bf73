package dev.signet.cli.cluster;

import java.util.Map;
import java.util.Set;

/**
 * The API server.
 *
 * @param address its URL
 * @param groups API groups, and the versions that are served of each
 * @param admissionResources resources of {@code admissionregistration.k8s.io}, as {@code
 *     version/resource}
 * @param issuer {@code iss} of the ServiceAccount tokens
 */
public record ServerFacts(
    String address,
    Observed<KubernetesVersion> version,
    Observed<ClockReading> clock,
    Observed<Map<String, Set<String>>> groups,
    Observed<Set<String>> admissionResources,
    Observed<ServerMetrics> metrics,
    Observed<String> issuer) {}
