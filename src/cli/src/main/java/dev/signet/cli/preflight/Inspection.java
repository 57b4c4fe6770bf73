package dev.signet.cli.preflight;

import dev.signet.cli.cluster.ClusterFacts;
import dev.signet.cli.cluster.CsiDriverFact;
import dev.signet.cli.cluster.CsiDriverFact.TokenRequest;
import dev.signet.cli.cluster.InstallationFacts;
import dev.signet.cli.cluster.Installed;
import dev.signet.cli.cluster.InstalledSettings;
import dev.signet.cli.cluster.KubernetesVersion;
import dev.signet.cli.cluster.NodeFact;
import dev.signet.cli.cluster.Observed;
import dev.signet.cli.preflight.Expectations.ReviewBy;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
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

  /**
   * Whether anything of Signet is there: half an installation is one, with something missing. Where
   * nothing was seen and something could not be looked at, that is hidden, too.
   */
  Observed<Boolean> installed() {
    InstallationFacts there = installation();
    Observed<Boolean> installed = Observed.seen(false);
    for (Observed<Boolean> part :
        List.of(
            there.driver().map(Optional::isPresent),
            there.agents().map(Optional::isPresent),
            there.settings().map(Optional::isPresent),
            there
                .accounts()
                .map(names -> names.contains(Installed.CA) || names.contains(Installed.AGENT)))) {
      if (part.ifSeen().orElse(false)) {
        return part;
      }
      if (part.ifSeen().isEmpty()) {
        installed = part;
      }
    }
    return installed;
  }

  /** Decides where Signet is installed; neutral where it is not, unknown where that is hidden. */
  List<Finding> whereInstalled(Check check, Supplier<List<Finding>> decide) {
    return Finding.on(
        check, installed(), is -> is ? decide.get() : List.of(Finding.notInstalled(check)));
  }

  /** Likewise, for something that has to be there and is not. */
  List<Finding> missing(Check check, String seen, String mend) {
    return whereInstalled(check, () -> List.of(Finding.fail(check, seen, mend)));
  }

  /** Likewise, for what cannot be judged without something that is missing, which another says. */
  List<Finding> pointless(Check check) {
    return whereInstalled(
        check,
        () ->
            List.of(
                Finding.unknown(
                    check, "there is nothing to look at", "mend what is missing first")));
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
    return expected.kubeletDir().orElseGet(this::installedKubeletDir);
  }

  /** The folder that the installed agents use. */
  String installedKubeletDir() {
    return settings().flatMap(InstalledSettings::kubeletDir).orElse(USUAL_KUBELET_DIR);
  }

  Optional<KubernetesVersion> version() {
    return facts.server().version().ifSeen();
  }

  /**
   * The nodes that pods can come to now and an agent can run on; of the others {@code platform}
   * tells.
   */
  List<NodeFact> workingNodes() {
    return facts.nodes().ifSeen().orElse(List.of()).stream()
        .filter(NodeFact::takesPods)
        .filter(node -> node.system().isLinuxOnAmd64())
        .toList();
  }

  /** Who has tokens reviewed: as the operator says, else as the installation says. */
  ReviewBy review() {
    return expected
        .review()
        .or(() ->
            settings()
                .flatMap(InstalledSettings::review)
                .map(name -> name.equals("agent") ? ReviewBy.AGENT : ReviewBy.CA))
        .orElse(ReviewBy.CA);
  }
}
