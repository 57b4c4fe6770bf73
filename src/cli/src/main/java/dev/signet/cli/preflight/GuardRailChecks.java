package dev.signet.cli.preflight;

import dev.signet.cli.cluster.KubernetesVersion;
import dev.signet.cli.cluster.ServerMetrics;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the cluster itself does against a stolen node, and for the chart's own objects. */
final class GuardRailChecks {
  private static final String NODE_RESTRICTION = "NodeRestriction";
  private static final String AUDIENCES = "ServiceAccountNodeAudienceRestriction";

  private GuardRailChecks() {}

  static List<Finding> nodeRestriction(Inspection in) {
    return Finding.on(
        Check.NODE_RESTRICTION,
        in.facts().server().metrics(),
        metrics -> List.of(restricted(metrics)));
  }

  private static Finding restricted(ServerMetrics metrics) {
    if (metrics.admissionPlugins().contains(NODE_RESTRICTION)) {
      return Finding.ok(Check.NODE_RESTRICTION, "the API server runs it");
    }
    String mend =
        "start every API server with --enable-admission-plugins=NodeRestriction and"
            + " --authorization-mode=Node,RBAC";
    return metrics.admissionPlugins().isEmpty()
        ? Finding.unknown(
            Check.NODE_RESTRICTION,
            "the API server does not tell which admission plugins run",
            mend)
        : Finding.fail(
            Check.NODE_RESTRICTION,
            "the API server runs other admission plugins, and not this one",
            mend);
  }

  static List<Finding> audienceRestriction(Inspection in) {
    return Finding.on(
        Check.AUDIENCE_RESTRICTION,
        in.facts().server().version(),
        version ->
            Finding.on(
                Check.AUDIENCE_RESTRICTION,
                in.facts().server().metrics(),
                metrics -> List.of(audiences(version, metrics))));
  }

  private static Finding audiences(KubernetesVersion version, ServerMetrics metrics) {
    Optional<Boolean> gate = metrics.feature(AUDIENCES);
    // Up to 1.36 it is listed. Once a gate is locked on, some later release lists it no more.
    boolean locked = version.atLeast(1, 37) && !metrics.features().isEmpty();
    if (gate.orElse(locked)) {
      return Finding.ok(Check.AUDIENCE_RESTRICTION, "the feature gate " + AUDIENCES + " is on");
    }
    if (gate.isEmpty() && version.atLeast(1, 32)) {
      return Finding.unknown(
          Check.AUDIENCE_RESTRICTION,
          "the API server does not list the feature gate " + AUDIENCES,
          "ask whoever runs the API server; it is on by default from Kubernetes 1.33");
    }
    return Finding.warn(
        Check.AUDIENCE_RESTRICTION,
        version.atLeast(1, 32)
            ? "the feature gate " + AUDIENCES + " is off"
            : "Kubernetes " + version + " does not have it",
        version.atLeast(1, 32)
            ? "start every API server with --feature-gates=" + AUDIENCES + "=true"
            : "upgrade to Kubernetes 1.33 or later, where it is on by default");
  }

  static List<Finding> admissionPolicies(Inspection in) {
    return Finding.on(
        Check.ADMISSION_POLICIES,
        in.facts().server().admissionResources(),
        resources ->
            List.of(
                resources.contains("v1/validatingadmissionpolicies")
                    ? Finding.ok(
                        Check.ADMISSION_POLICIES, "ValidatingAdmissionPolicy is served as v1")
                    : Finding.fail(
                        Check.ADMISSION_POLICIES,
                        "ValidatingAdmissionPolicy v1 is not served",
                        "upgrade to Kubernetes 1.30 or later; `--set policies.enabled=false`"
                            + " installs without the policies, if another engine enforces them")));
  }

  static List<Finding> mutatingPolicies(Inspection in) {
    return Finding.on(
        Check.MUTATING_POLICIES,
        in.facts().server().admissionResources(),
        resources -> List.of(mutating(resources)));
  }

  private static Finding mutating(Set<String> resources) {
    for (String version : List.of("v1", "v1beta1")) {
      if (resources.contains(version + "/mutatingadmissionpolicies")) {
        return Finding.ok(
            Check.MUTATING_POLICIES, "MutatingAdmissionPolicy is served as " + version);
      }
    }
    return Finding.ok(
        Check.MUTATING_POLICIES,
        "MutatingAdmissionPolicy is not served: leave policies.injectVolume.enabled at false, and"
            + " name the volume in each pod");
  }

  static List<Finding> flowControl(Inspection in) {
    return Finding.on(
        Check.FLOW_CONTROL,
        in.facts().server().groups(),
        groups ->
            List.of(
                groups.getOrDefault("flowcontrol.apiserver.k8s.io", Set.of()).contains("v1")
                    ? Finding.ok(Check.FLOW_CONTROL, "flowcontrol.apiserver.k8s.io is served as v1")
                    : Finding.warn(
                        Check.FLOW_CONTROL,
                        "flowcontrol.apiserver.k8s.io is not served as v1",
                        "upgrade to Kubernetes 1.29 or later, and leave"
                            + " --enable-priority-and-fairness on")));
  }
}
