package dev.signet.cli.cluster;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * What the installed configuration files say, as far as it matters here. Empty: not said, so the
 * product's default holds.
 *
 * @param caTrustDomain {@code trust_domain} of {@code ca.yaml}
 * @param agentTrustDomain {@code trust_domain} of {@code agent.yaml}
 * @param kubeletDir {@code kubelet_dir} of {@code agent.yaml}
 * @param review {@code review} of {@code agent.yaml}: who has tokens reviewed
 * @param svidTtl {@code svid.ttl}
 * @param backdate {@code svid.backdate}
 * @param defaultAccounts {@code policy.allow_default_account}
 */
public record InstalledSettings(
    Optional<String> caTrustDomain,
    Optional<String> agentTrustDomain,
    Optional<String> kubeletDir,
    Optional<String> review,
    Optional<Duration> svidTtl,
    Optional<Duration> backdate,
    Set<String> defaultAccounts) {
  public InstalledSettings {
    defaultAccounts = Set.copyOf(defaultAccounts);
  }
}
