package dev.signet.cli.preflight;

import dev.signet.cli.cluster.AgentSet;
import dev.signet.cli.cluster.Installed;
import dev.signet.cli.cluster.NodeFact;
import dev.signet.cli.cluster.SignetPod;
import dev.signet.cli.preflight.Expectations.ReviewBy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The agents: one ready on each node, with the tokens that it needs and no other. */
final class AgentChecks {
  private AgentChecks() {}

  static List<Finding> everywhere(Inspection in) {
    return Finding.on(
        Check.AGENTS,
        in.installation().agents(),
        found ->
            found.isPresent()
                ? pods(in)
                : in.missing(
                    Check.AGENTS,
                    "there is no DaemonSet " + Installed.AGENT + " in " + in.expected().namespace(),
                    InstallationChecks.install(in)));
  }

  private static List<Finding> pods(Inspection in) {
    return Finding.on(
        Check.AGENTS,
        in.installation().pods(),
        pods ->
            Finding.on(Check.AGENTS, in.facts().nodes(), nodes -> List.of(everywhere(in, pods))));
  }

  private static Finding everywhere(Inspection in, List<SignetPod> pods) {
    List<SignetPod> agents =
        pods.stream().filter(pod -> pod.owner().equals(Installed.AGENT)).toList();
    Set<String> ready =
        agents.stream().filter(SignetPod::ready).map(SignetPod::node).collect(Collectors.toSet());
    List<NodeFact> without =
        in.workingNodes().stream().filter(node -> !ready.contains(node.name())).toList();
    if (in.workingNodes().isEmpty()) {
      return Finding.unknown(
          Check.AGENTS, "no node takes pods now", "kubectl get nodes: make one ready, uncordon it");
    }
    if (without.isEmpty()) {
      return Finding.ok(
          Check.AGENTS,
          "an agent is ready on all of " + Listing.count(in.workingNodes().size(), "node"));
    }
    List<String> said = without.stream().map(node -> trouble(node, agents)).toList();
    boolean kept = without.stream().allMatch(node -> keptAway(node, agents));
    String look = "kubectl -n " + in.expected().namespace();
    return kept
        ? Finding.warn(
            Check.AGENTS,
            "no agent on " + Listing.of(said),
            "let the agents tolerate these taints (agent.tolerations), or keep pods with the volume"
                + " away")
        : Finding.fail(
            Check.AGENTS,
            "no agent is ready on " + Listing.of(said),
            look
                + " describe pods -l app.kubernetes.io/component=agent; "
                + look
                + " logs daemonset/"
                + Installed.AGENT);
  }

  /** Whether a node's taints keep the agent from it. */
  static boolean keptAway(NodeFact node, List<SignetPod> agents) {
    return !node.taints().isEmpty()
        && agents.stream().noneMatch(agent -> agent.node().equals(node.name()));
  }

  private static String trouble(NodeFact node, List<SignetPod> agents) {
    Optional<SignetPod> agent =
        agents.stream().filter(each -> each.node().equals(node.name())).findFirst();
    if (agent.isPresent()) {
      String trouble = agent.get().trouble();
      return node.name() + " (" + (trouble.isEmpty() ? "not ready" : trouble) + ")";
    }
    return node.name()
        + (node.taints().isEmpty() ? " (no pod)" : " (no pod; taints " + node.taints() + ")");
  }

  static List<Finding> token(Inspection in) {
    return Finding.on(
        Check.AGENT_TOKEN,
        in.installation().agents(),
        found ->
            found
                .map(agents -> token(in, agents))
                .orElseGet(() -> in.pointless(Check.AGENT_TOKEN)));
  }

  private static List<Finding> token(Inspection in, AgentSet agents) {
    List<Finding> wrong = new ArrayList<>();
    String wanted = "signet://" + in.trustDomain().orElse("<trust domain>") + "/agent";
    boolean asksTheApi = in.review() == ReviewBy.AGENT;
    if (!agents.tokenAudiences().contains(wanted)) {
      wrong.add(
          Finding.fail(
              Check.AGENT_TOKEN,
              "the agents have no token of " + wanted,
              "helm upgrade signet ... puts it back, with the trustDomain that the CA has"));
    }
    List<String> others =
        agents.tokenAudiences().stream()
            .filter(audience -> !audience.equals(wanted))
            .filter(audience -> !(asksTheApi && audience.isEmpty()))
            .map(audience -> audience.isEmpty() ? "the Kubernetes API" : audience)
            .toList();
    if (!others.isEmpty()) {
      wrong.add(
          Finding.fail(
              Check.AGENT_TOKEN,
              "the agents also have a token for " + Listing.of(others),
              "helm upgrade signet ... puts the DaemonSet back as it was"));
    }
    if (agents.automountsToken()) {
      wrong.add(
          Finding.fail(
              Check.AGENT_TOKEN,
              "the agents get the usual token for the Kubernetes API",
              "kubectl -n "
                  + in.expected().namespace()
                  + " patch daemonset "
                  + Installed.AGENT
                  + " -p '{\"spec\":{\"template\":{\"spec\":{\"automountServiceAccountToken\":false}}}}'"));
    }
    return wrong.isEmpty()
        ? List.of(
            Finding.ok(
                Check.AGENT_TOKEN,
                "the agents have a token of "
                    + wanted
                    + (asksTheApi ? ", and one for reviews" : ", and no other")))
        : wrong;
  }

  static List<Finding> rollout(Inspection in) {
    return Finding.on(
        Check.AGENT_ROLLOUT,
        in.installation().agents(),
        found ->
            found
                .map(agents -> List.of(rollout(agents)))
                .orElseGet(() -> in.pointless(Check.AGENT_ROLLOUT)));
  }

  private static Finding rollout(AgentSet agents) {
    return agents.maxSurge().equals("0") || agents.maxSurge().equals("0%")
        ? Finding.ok(Check.AGENT_ROLLOUT, "an agent ends before its successor starts")
        : Finding.fail(
            Check.AGENT_ROLLOUT,
            "maxSurge is " + agents.maxSurge() + ", so that a successor starts beside its agent",
            "helm upgrade signet ...; the chart sets maxSurge: 0");
  }
}
