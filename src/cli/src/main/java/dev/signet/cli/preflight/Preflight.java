package dev.signet.cli.preflight;

import dev.signet.cli.cluster.ClusterFacts;
import dev.signet.cli.cluster.ClusterReader;
import dev.signet.cli.cluster.Observed;
import dev.signet.cli.cluster.PodFacts;
import dev.signet.cli.cluster.RunningPod;
import dev.signet.cli.cluster.TokenTrial;
import dev.signet.cli.cluster.UnreachableException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Looks at a cluster, tries a token, and judges. Changes nothing in the cluster. */
public final class Preflight {
  // Only says that none was named; a name under .invalid is nobody's (RFC 6761).
  private static final String NO_TRUST_DOMAIN = "none.invalid";

  private final ClusterReader cluster;

  public Preflight(ClusterReader cluster) {
    this.cluster = cluster;
  }

  /**
   * Runs every check.
   *
   * @throws UnreachableException if there is no cluster to talk to
   */
  public Report run(Expectations expected) throws UnreachableException {
    ClusterFacts facts = cluster.facts(expected.namespace());
    Inspection in = new Inspection(facts, expected);
    String trustDomain = in.trustDomain().orElse(NO_TRUST_DOMAIN);
    Observed<TokenTrial> trial =
        facts.pods().then(pods -> tryToken(pods, expected.namespace(), trustDomain));
    return new Report(
        facts.server().address(),
        expected.namespace(),
        in.trustDomain().orElse(""),
        findings(in, trial));
  }

  private Observed<TokenTrial> tryToken(PodFacts pods, String namespace, String trustDomain) {
    Optional<RunningPod> pod =
        pods.running().stream()
            .min(
                Comparator.comparing((RunningPod each) -> !each.pod().namespace().equals(namespace))
                    .thenComparing(each -> each.pod().toString()));
    return pod.map(found ->
            cluster.tryToken(
                found,
                "signet://" + trustDomain + "/preflight",
                "signet://" + trustDomain + "/workload"))
        .orElseGet(() ->
            Observed.hidden(
                "no pod runs in " + namespace + " or kube-system, and a token is bound to one",
                "run it again once a pod runs in " + namespace + " or kube-system"));
  }

  private static List<Finding> findings(Inspection in, Observed<TokenTrial> trial) {
    return Stream.of(
            ClusterChecks.version(in),
            ClusterChecks.clock(in),
            ClusterChecks.dns(in),
            TokenChecks.audience(trial),
            TokenChecks.foreignAudience(trial),
            TokenChecks.extras(in, trial),
            TokenChecks.issuer(in),
            GuardRailChecks.nodeRestriction(in),
            GuardRailChecks.audienceRestriction(in),
            GuardRailChecks.admissionPolicies(in),
            GuardRailChecks.mutatingPolicies(in),
            GuardRailChecks.flowControl(in),
            NodeChecks.kubelets(in),
            NodeChecks.platform(in),
            NodeChecks.kernel(in),
            KubeletDirCheck.of(in),
            NodeChecks.clocks(in),
            InstallationChecks.podSecurity(in),
            DriverChecks.object(in),
            DriverChecks.audience(in),
            DriverChecks.registered(in),
            AgentChecks.everywhere(in),
            AgentChecks.token(in),
            AgentChecks.rollout(in),
            CaChecks.ready(in),
            CaChecks.trustBundle(in),
            InstallationChecks.releases(in),
            InstallationChecks.trustDomain(in),
            InstallationChecks.clockTolerance(in),
            RightsChecks.caMissing(in),
            RightsChecks.caExcess(in),
            RightsChecks.agentMissing(in),
            RightsChecks.agentExcess(in),
            WorkloadChecks.defaultAccounts(in),
            WorkloadChecks.subPaths(in))
        .flatMap(List::stream)
        .toList();
  }
}
