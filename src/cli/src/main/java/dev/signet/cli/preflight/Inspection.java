package dev.signet.cli.preflight;

import dev.signet.cli.cluster.ClusterFacts;
import dev.signet.cli.cluster.CsiDriverFact;
import dev.signet.cli.cluster.CsiDriverFact.TokenRequest;
import dev.signet.cli.cluster.InstallationFacts;
import dev.signet.cli.cluster.Installed;
import dev.signet.cli.cluster.InstalledSettings;
import dev.signet.cli.cluster.KubernetesVersion;
import dev.signet.cli.cluster.NodeFact;
import dev.signet.cli.cluster.VolumeUser;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The facts beside what is expected, and what follows from both at once. */
record Inspection(ClusterFacts facts, Expectations expected) {
  static final String USUAL_KUBELET_DIR = "/var/lib/kubelet";
  private static final Pattern AUDIENCE = Pattern.compile("signet://([^/]+)/workload");

  InstallationFacts installation() {
    return facts.installation();
  }

  /** Whether anything of Signet was seen. Half an installation is one, with something missing. */
  boolean installed() {
    InstallationFacts there = installation();
    return there.driver().ifSeen().flatMap(found -> found).isPresent()
        || there.agents().ifSeen().flatMap(found -> found).isPresent()
        || there.settings().ifSeen().flatMap(found -> found).isPresent()
        || there.accounts().ifSeen().stream()
            .anyMatch(names -> names.contains(Installed.CA) || names.contains(Installed.AGENT));
  }

  Optional<InstalledSettings> settings() {
    return installation().settings().ifSeen().flatMap(found -> found);
  }

  /** As the operator says, else as the installation says. */
  Optional<String> trustDomain() {
    return Stream.of(
            expected.trustDomain(),
            settings().flatMap(InstalledSettings::caTrustDomain),
            settings().flatMap(InstalledSettings::agentTrustDomain),
            driverAudiences().stream()
                .map(Inspection::trustDomainOf)
                .flatMap(Optional::stream)
                .findFirst())
        .flatMap(Optional::stream)
        .findFirst();
  }

  private List<String> driverAudiences() {
    return installation().driver().ifSeen().flatMap(found -> found).stream()
        .flatMap((CsiDriverFact driver) -> driver.tokenRequests().stream())
        .map(TokenRequest::audience)
        .toList();
  }

  private static Optional<String> trustDomainOf(String audience) {
    Matcher form = AUDIENCE.matcher(audience);
    return form.matches() ? Optional.of(form.group(1)) : Optional.empty();
  }

  String kubeletDir() {
    return expected
        .kubeletDir()
        .or(() -> settings().flatMap(InstalledSettings::kubeletDir))
        .orElse(USUAL_KUBELET_DIR);
  }

  Optional<KubernetesVersion> version() {
    return facts.server().version().ifSeen();
  }

  /** The nodes that pods can come to now. */
  List<NodeFact> workingNodes() {
    return facts.nodes().ifSeen().orElse(List.of()).stream().filter(NodeFact::takesPods).toList();
  }

  List<VolumeUser> volumeUsers() {
    return facts.pods().ifSeen().map(pods -> pods.users()).orElse(List.of());
  }
}
