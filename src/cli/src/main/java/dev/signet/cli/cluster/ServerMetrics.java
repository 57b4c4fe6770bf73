package dev.signet.cli.cluster;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What one API server tells of itself under {@code /metrics}.
 *
 * @param features feature gates, whether each is on
 * @param admissionPlugins those that were run since it started
 */
public record ServerMetrics(Map<String, Boolean> features, Set<String> admissionPlugins) {
  public ServerMetrics {
    features = Map.copyOf(features);
    admissionPlugins = Set.copyOf(admissionPlugins);
  }

  /** Empty for a gate that this release does not have (yet, or any more). */
  public Optional<Boolean> feature(String name) {
    return Optional.ofNullable(features.get(name));
  }
}
