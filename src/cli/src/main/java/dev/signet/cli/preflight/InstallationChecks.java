package dev.signet.cli.preflight;

import dev.signet.cli.cluster.AgentSet;
import dev.signet.cli.cluster.Installed;
import dev.signet.cli.cluster.InstalledSettings;
import dev.signet.cli.cluster.NamespaceFact;
import dev.signet.cli.cluster.NodeFact;
import dev.signet.cli.cluster.SignetPod;
import dev.signet.spiffe.SpiffeException;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Bundle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** CA, agents and what is between them. */
final class InstallationChecks {
  private static final String ENFORCE = "pod-security.kubernetes.io/enforce";

  private InstallationChecks() {}

  static List<Finding> podSecurity(Inspection in) {
    return Finding.on(
        Check.POD_SECURITY, in.facts().namespace(), found -> List.of(podSecurity(in, found)));
  }

  private static Finding podSecurity(Inspection in, Optional<NamespaceFact> found) {
    String name = in.expected().namespace();
    String mend = "kubectl label --overwrite namespace " + name + " " + ENFORCE + "=privileged";
    if (found.isEmpty()) {
      return in.installed()
          ? Finding.warn(
              Check.POD_SECURITY,
              "there is no namespace " + name + ", and parts of Signet are there",
              "name the release's namespace with --namespace")
          : Finding.notInstalled(Check.POD_SECURITY);
    }
    NamespaceFact namespace = found.get();
    String level = namespace.labels().getOrDefault(ENFORCE, "");
    if (level.isEmpty()) {
      return Finding.warn(
          Check.POD_SECURITY,
          "namespace "
              + name
              + " has no label "
              + ENFORCE
              + ": whether agents may start is left to the cluster's default",
          mend);
    }
    if (!level.equals("privileged")) {
      return Finding.fail(
          Check.POD_SECURITY,
          "namespace " + name + " enforces " + level + ": no agent can start",
          mend);
    }
    List<String> louder =
        Stream.of("audit", "warn")
            .filter(mode ->
                !namespace
                    .labels()
                    .getOrDefault("pod-security.kubernetes.io/" + mode, level)
                    .equals(level))
            .toList();
    return louder.isEmpty()
        ? Finding.ok(Check.POD_SECURITY, "namespace " + name + " allows privileged pods")
        : Finding.warn(
            Check.POD_SECURITY,
            "namespace "
                + name
                + " allows privileged pods, and its mode "
                + String.join(" and ", louder)
                + " is stricter: every agent is reported",
            "kubectl label --overwrite namespace "
                + name
                + louder.stream()
                    .map(mode -> " pod-security.kubernetes.io/" + mode + "=privileged")
                    .collect(Collectors.joining()));
  }

  static List<Finding> agents(Inspection in) {
    return Finding.on(
        Check.AGENTS,
        in.installation().agents(),
        found -> {
          if (found.isEmpty()) {
            return List.of(missing(in, Check.AGENTS, "DaemonSet " + Installed.AGENT));
          }
          return Finding.on(
              Check.AGENTS,
              in.installation().pods(),
              pods ->
                  Finding.on(Check.AGENTS, in.facts().nodes(), nodes -> List.of(agents(in, pods))));
        });
  }

  private static Finding agents(Inspection in, List<SignetPod> pods) {
    List<SignetPod> agents =
        pods.stream().filter(pod -> pod.owner().equals(Installed.AGENT)).toList();
    Set<String> ready =
        agents.stream().filter(SignetPod::ready).map(SignetPod::node).collect(Collectors.toSet());
    List<NodeFact> without =
        in.workingNodes().stream().filter(node -> !ready.contains(node.name())).toList();
    if (without.isEmpty()) {
      return Finding.ok(
          Check.AGENTS,
          "an agent is ready on all of " + Listing.count(in.workingNodes().size(), "node"));
    }
    List<String> said = new ArrayList<>();
    for (NodeFact node : without) {
      Optional<SignetPod> pod =
          agents.stream().filter(agent -> agent.node().equals(node.name())).findFirst();
      String trouble =
          pod.map(SignetPod::trouble)
              .orElse(
                  node.taints().isEmpty()
                      ? "no agent pod"
                      : "no agent pod; taints " + node.taints());
      said.add(node.name() + (trouble.isEmpty() ? " (not ready)" : " (" + trouble + ")"));
    }
    boolean tainted =
        without.stream()
            .allMatch(node ->
                !node.taints().isEmpty()
                    && agents.stream().noneMatch(agent -> agent.node().equals(node.name())));
    return tainted
        ? Finding.warn(
            Check.AGENTS,
            "no agent on " + Listing.of(said),
            "let the agents tolerate these taints, or keep pods with the volume away")
        : Finding.fail(
            Check.AGENTS,
            "no agent is ready on " + Listing.of(said),
            "kubectl -n "
                + in.expected().namespace()
                + " describe pods -l app.kubernetes.io/component=agent; kubectl -n "
                + in.expected().namespace()
                + " logs daemonset/"
                + Installed.AGENT);
  }

  static List<Finding> agentToken(Inspection in) {
    return Finding.on(
        Check.AGENT_TOKEN,
        in.installation().agents(),
        found ->
            found
                .map(agents -> agentToken(in, agents))
                .orElseGet(
                    () -> List.of(missing(in, Check.AGENT_TOKEN, "DaemonSet " + Installed.AGENT))));
  }

  private static List<Finding> agentToken(Inspection in, AgentSet agents) {
    List<Finding> wrong = new ArrayList<>();
    String wanted = "signet://" + in.trustDomain().orElse("<trust domain>") + "/agent";
    if (!agents.tokenAudiences().contains(wanted)) {
      wrong.add(
          Finding.fail(
              Check.AGENT_TOKEN,
              "the agents project tokens of " + agents.tokenAudiences() + ", and none of " + wanted,
              "helm upgrade signet ... puts the token back, with the trustDomain that the CA has"));
    }
    boolean needsApi = in.expected().review() == Expectations.ReviewBy.AGENT;
    if (agents.automountsToken() && !needsApi) {
      wrong.add(
          Finding.fail(
              Check.AGENT_TOKEN,
              "the agents also get a token for the Kubernetes API",
              "kubectl -n "
                  + in.expected().namespace()
                  + " patch daemonset "
                  + Installed.AGENT
                  + " -p '{\"spec\":{\"template\":{\"spec\":{\"automountServiceAccountToken\":false}}}}'"));
    }
    if (!agents.maxSurge().equals("0") && !agents.maxSurge().equals("0%")) {
      wrong.add(
          Finding.fail(
              Check.AGENT_TOKEN,
              "maxSurge is "
                  + agents.maxSurge()
                  + ": kubelet refuses a second driver of the same name, so that an upgrade never ends",
              "helm upgrade signet ...; the chart sets maxSurge: 0"));
    }
    return wrong.isEmpty()
        ? List.of(
            Finding.ok(
                Check.AGENT_TOKEN,
                "the agents have a token of " + wanted + (needsApi ? "" : ", and no other")))
        : wrong;
  }

  static List<Finding> ca(Inspection in) {
    return Finding.on(
        Check.CA,
        in.installation().caEndpoints(),
        endpoints ->
            Finding.on(
                Check.CA, in.installation().pods(), pods -> List.of(ca(in, endpoints, pods))));
  }

  private static Finding ca(Inspection in, OptionalInt endpoints, List<SignetPod> pods) {
    if (endpoints.isEmpty()) {
      return missing(in, Check.CA, "Service " + Installed.CA);
    }
    List<SignetPod> cas = pods.stream().filter(pod -> pod.owner().equals(Installed.CA)).toList();
    long ready = cas.stream().filter(SignetPod::ready).count();
    if (ready > 0 && endpoints.getAsInt() > 0) {
      return Finding.ok(
          Check.CA,
          Listing.count((int) ready, "replica") + " ready behind Service " + Installed.CA);
    }
    String trouble =
        cas.stream()
            .map(SignetPod::trouble)
            .filter(text -> !text.isEmpty())
            .findFirst()
            .map(text -> ": " + text)
            .orElse("");
    String look = "kubectl -n " + in.expected().namespace();
    return Finding.fail(
        Check.CA,
        cas.isEmpty()
            ? "there is no pod of StatefulSet " + Installed.CA
            : "no replica of the CA is ready" + trouble,
        look
            + " describe statefulset/"
            + Installed.CA
            + " pod/"
            + Installed.CA
            + "-0; "
            + look
            + " logs statefulset/"
            + Installed.CA);
  }

  static List<Finding> releases(Inspection in) {
    return Finding.on(
        Check.RELEASES,
        in.installation().pods(),
        pods -> {
          if (pods.isEmpty()) {
            return List.of(DriverChecks.absent(in, Check.RELEASES));
          }
          Set<String> tags =
              pods.stream()
                  .map(SignetPod::image)
                  .map(InstallationChecks::tag)
                  .collect(Collectors.toCollection(TreeSet::new));
          return List.of(
              tags.equals(Set.of(in.expected().release()))
                  ? Finding.ok(Check.RELEASES, "all pods are of release " + in.expected().release())
                  : Finding.warn(
                      Check.RELEASES,
                      "pods are of " + tags + ", and this command is of " + in.expected().release(),
                      tags.size() > 1
                          ? "a rollout may be under way: kubectl -n "
                              + in.expected().namespace()
                              + " rollout status daemonset/"
                              + Installed.AGENT
                          : "use the signet of that release, or upgrade: some findings may not fit it"));
        });
  }

  private static String tag(String image) {
    String name = image.substring(image.lastIndexOf('/') + 1);
    int mark = name.indexOf('@') >= 0 ? name.indexOf('@') : name.indexOf(':');
    return mark < 0 ? "latest" : name.substring(mark + 1);
  }

  static List<Finding> trustBundle(Inspection in) {
    return Finding.on(
        Check.TRUST_BUNDLE,
        in.installation().bundle(),
        found ->
            List.of(
                found
                    .map(pem -> bundle(in, pem))
                    .orElseGet(() ->
                        in.installed()
                            ? Finding.fail(
                                Check.TRUST_BUNDLE,
                                "ConfigMap "
                                    + Installed.BUNDLE
                                    + " has no key "
                                    + Installed.BUNDLE_KEY
                                    + ": the CA has not published its bundle, and agents wait for it",
                                "kubectl -n "
                                    + in.expected().namespace()
                                    + " logs statefulset/"
                                    + Installed.CA)
                            : Finding.notInstalled(Check.TRUST_BUNDLE))));
  }

  private static Finding bundle(Inspection in, String pem) {
    try {
      int roots =
          X509Bundle.parsePem(TrustDomain.parse(in.trustDomain().orElse("unknown")), pem)
              .authorities()
              .size();
      if (roots > 0) {
        return Finding.ok(Check.TRUST_BUNDLE, "published, with " + Listing.count(roots, "root"));
      }
    } catch (SpiffeException e) {
      return brokenBundle(in, "cannot be read: " + e.getMessage());
    }
    return brokenBundle(in, "holds no certificate");
  }

  private static Finding brokenBundle(Inspection in, String how) {
    return Finding.fail(
        Check.TRUST_BUNDLE,
        "ConfigMap " + Installed.BUNDLE + ", key " + Installed.BUNDLE_KEY + ", " + how,
        "kubectl -n "
            + in.expected().namespace()
            + " rollout restart statefulset/"
            + Installed.CA
            + ": a CA that starts publishes its bundle again");
  }

  static List<Finding> trustDomain(Inspection in) {
    return Finding.on(
        Check.TRUST_DOMAIN,
        in.installation().settings(),
        found ->
            List.of(
                found
                    .map(settings -> agreed(in, settings))
                    .orElseGet(() ->
                        missing(
                            in,
                            Check.TRUST_DOMAIN,
                            "configuration (ConfigMaps "
                                + Installed.CA
                                + ", "
                                + Installed.AGENT
                                + ")"))));
  }

  private static Finding agreed(Inspection in, InstalledSettings settings) {
    Set<String> names =
        Stream.of(
                in.expected().trustDomain(), settings.caTrustDomain(), settings.agentTrustDomain())
            .flatMap(Optional::stream)
            .collect(Collectors.toCollection(TreeSet::new));
    return names.size() == 1
        ? Finding.ok(Check.TRUST_DOMAIN, "all speak of " + names.iterator().next())
        : Finding.fail(
            Check.TRUST_DOMAIN,
            "CA: "
                + settings.caTrustDomain().orElse("none")
                + "; agents: "
                + settings.agentTrustDomain().orElse("none")
                + in.expected().trustDomain().map(name -> "; expected: " + name).orElse(""),
            "helm upgrade signet ... --set trustDomain=<the CA's>: the CA's cannot be changed without a new root");
  }

  static List<Finding> clockTolerance(Inspection in) {
    return Finding.on(
        Check.CLOCK_TOLERANCE,
        in.installation().settings(),
        found -> {
          if (found.isEmpty()) {
            return List.of(DriverChecks.absent(in, Check.CLOCK_TOLERANCE));
          }
          Duration tolerance = ClusterChecks.tolerance(found);
          String seen = "clocks of CA, agents and pods may differ by " + Lengths.print(tolerance);
          return List.of(
              tolerance.compareTo(ClusterChecks.TOLERANCE) >= 0
                  ? Finding.ok(Check.CLOCK_TOLERANCE, seen)
                  : Finding.warn(
                      Check.CLOCK_TOLERANCE,
                      seen + " only",
                      "set ca.svid.ttl to 15m or more and leave svid.backdate at 5m, or make sure"
                          + " that clocks are nearer than that"));
        });
  }

  /** What should be there: neutral before an installation, a failure in one. */
  private static Finding missing(Inspection in, Check check, String what) {
    return in.installed()
        ? Finding.fail(
            check,
            "there is no " + what + " in " + in.expected().namespace(),
            "helm upgrade --install signet ... -n "
                + in.expected().namespace()
                + " makes it; or name the release's namespace with --namespace")
        : Finding.notInstalled(check);
  }
}
