package dev.signet.cli.preflight;

import dev.signet.cli.cluster.Installed;
import dev.signet.cli.cluster.InstalledSettings;
import dev.signet.cli.cluster.NamespaceFact;
import dev.signet.cli.cluster.SignetPod;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What concerns the whole installation: its namespace, its releases, its settings. */
final class InstallationChecks {
  private static final String MODE = "pod-security.kubernetes.io/";

  private InstallationChecks() {}

  /** The mend for what the chart makes. */
  static String install(Inspection in) {
    return "helm upgrade --install signet ... -n "
        + in.expected().namespace()
        + " makes it; or name the release's namespace with --namespace";
  }

  static List<Finding> podSecurity(Inspection in) {
    return Finding.on(
        Check.POD_SECURITY,
        in.facts().namespace(),
        found ->
            found
                .map(namespace -> List.of(podSecurity(namespace)))
                .orElseGet(() ->
                    in.missing(
                        Check.POD_SECURITY,
                        "there is no namespace " + in.expected().namespace(),
                        "name the release's namespace with --namespace")));
  }

  private static Finding podSecurity(NamespaceFact namespace) {
    String level = namespace.labels().getOrDefault(MODE + "enforce", "");
    String label = "kubectl label --overwrite namespace " + namespace.name();
    if (level.isEmpty()) {
      return Finding.warn(
          Check.POD_SECURITY,
          "namespace "
              + namespace.name()
              + " has no label "
              + MODE
              + "enforce: whether agents may start is left to the cluster's default",
          label + " " + MODE + "enforce=privileged");
    }
    if (!level.equals("privileged")) {
      return Finding.fail(
          Check.POD_SECURITY,
          "namespace " + namespace.name() + " enforces " + level + ": no agent can start",
          label + " " + MODE + "enforce=privileged");
    }
    List<String> stricter =
        Stream.of("audit", "warn")
            .filter(mode -> !namespace.labels().getOrDefault(MODE + mode, level).equals(level))
            .toList();
    return stricter.isEmpty()
        ? Finding.ok(
            Check.POD_SECURITY, "namespace " + namespace.name() + " allows privileged pods")
        : Finding.warn(
            Check.POD_SECURITY,
            "namespace "
                + namespace.name()
                + " allows privileged pods, and reports every agent: "
                + String.join(" and ", stricter)
                + (stricter.size() == 1 ? " is stricter" : " are stricter"),
            label
                + stricter.stream()
                    .map(mode -> " " + MODE + mode + "=privileged")
                    .collect(Collectors.joining()));
  }

  static List<Finding> releases(Inspection in) {
    return Finding.on(
        Check.RELEASES,
        in.installation().pods(),
        pods -> pods.isEmpty() ? in.pointless(Check.RELEASES) : List.of(releases(in, pods)));
  }

  private static Finding releases(Inspection in, List<SignetPod> pods) {
    String mine = in.expected().release();
    Set<String> theirs =
        pods.stream().map(SignetPod::release).collect(Collectors.toCollection(TreeSet::new));
    if (theirs.equals(Set.of(mine))) {
      return Finding.ok(Check.RELEASES, "all pods are of release " + mine + ", as this command is");
    }
    return Finding.warn(
        Check.RELEASES,
        "pods are of " + String.join(", ", theirs) + ", and this command is of " + mine,
        theirs.size() > 1
            ? "a rollout may be under way: kubectl -n "
                + in.expected().namespace()
                + " rollout status daemonset/"
                + Installed.AGENT
            : "use the signet of that release, or upgrade: some findings may not fit it");
  }

  static List<Finding> trustDomain(Inspection in) {
    return Finding.on(
        Check.TRUST_DOMAIN,
        in.installation().settings(),
        found ->
            found
                .map(settings -> List.of(agreed(in, settings)))
                .orElseGet(() ->
                    in.missing(
                        Check.TRUST_DOMAIN,
                        "there is neither ConfigMap "
                            + Installed.CA
                            + " nor "
                            + Installed.AGENT
                            + " in "
                            + in.expected().namespace(),
                        install(in))));
  }

  private static Finding agreed(Inspection in, InstalledSettings settings) {
    Set<String> names =
        Stream.of(
                in.expected().trustDomain(), settings.caTrustDomain(), settings.agentTrustDomain())
            .flatMap(Optional::stream)
            .collect(Collectors.toCollection(TreeSet::new));
    boolean bothRead =
        settings.caTrustDomain().isPresent() && settings.agentTrustDomain().isPresent();
    return names.size() == 1 && bothRead
        ? Finding.ok(Check.TRUST_DOMAIN, "all speak of " + names.iterator().next())
        : Finding.fail(
            Check.TRUST_DOMAIN,
            "the CA's is "
                + settings.caTrustDomain().orElse("not to be read")
                + ", the agents' is "
                + settings.agentTrustDomain().orElse("not to be read")
                + in.expected().trustDomain().map(name -> ", expected was " + name).orElse(""),
            "helm upgrade signet ... --set trustDomain=<the CA's>, which cannot change without a new"
                + " root");
  }

  static List<Finding> clockTolerance(Inspection in) {
    return Finding.on(
        Check.CLOCK_TOLERANCE,
        in.installation().settings(),
        found ->
            found.isEmpty()
                ? in.pointless(Check.CLOCK_TOLERANCE)
                : List.of(clockTolerance(ClusterChecks.tolerance(found))));
  }

  private static Finding clockTolerance(Duration tolerance) {
    String seen = "clocks of CA, agents and pods may differ by " + Lengths.print(tolerance);
    return tolerance.compareTo(ClusterChecks.TOLERANCE) >= 0
        ? Finding.ok(Check.CLOCK_TOLERANCE, seen)
        : Finding.warn(
            Check.CLOCK_TOLERANCE,
            seen + " only",
            "set ca.svid.ttl to 15m or more and leave the backdate at 5m, or make sure that clocks"
                + " are nearer than that");
  }
}
