package dev.signet.cli.preflight;

import dev.signet.cli.cluster.CsiDriverFact;
import dev.signet.cli.cluster.CsiDriverFact.TokenRequest;
import dev.signet.cli.cluster.Installed;
import dev.signet.cli.cluster.NodeFact;
import dev.signet.cli.cluster.Observed;
import dev.signet.cli.cluster.SignetPod;
import dev.signet.cli.preflight.Expectations.ReviewBy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The CSIDriver object, and that kubelets know the driver. */
final class DriverChecks {
  private static final long SHORTEST_TOKEN = 600;

  /** As the CA has it where agents review (ADR 13). */
  private static final long LONGEST_TOKEN_OF_AGENTS = 7200;

  private static final String PATCH =
      "kubectl patch csidriver " + Installed.DRIVER + " --type=merge -p '{\"spec\":{%s}}'";
  private static final String REPLACE =
      "it cannot be changed: kubectl delete csidriver "
          + Installed.DRIVER
          + ", then helm upgrade signet ... to make it anew";

  private DriverChecks() {}

  static List<Finding> object(Inspection in) {
    return Finding.on(
        Check.CSI_DRIVER,
        in.installation().driver(),
        found -> {
          if (found.isEmpty()) {
            return in.missing(
                Check.CSI_DRIVER,
                "there is no CSIDriver "
                    + Installed.DRIVER
                    + ", so kubelet refuses every pod that names the volume",
                "helm upgrade --install signet ... makes it anew");
          }
          List<Finding> wrong = fields(in, found.get());
          return wrong.isEmpty()
              ? List.of(
                  Finding.ok(
                      Check.CSI_DRIVER, "CSIDriver " + Installed.DRIVER + " is as it has to be"))
              : wrong;
        });
  }

  private static List<Finding> fields(Inspection in, CsiDriverFact driver) {
    List<Finding> wrong = new ArrayList<>();
    if (driver.attachRequired()) {
      wrong.add(
          Finding.fail(
              Check.CSI_DRIVER,
              "attachRequired is not false: every mount would wait for ever",
              REPLACE));
    }
    if (!driver.lifecycleModes().equals(List.of("Ephemeral"))) {
      wrong.add(
          Finding.fail(
              Check.CSI_DRIVER,
              "volumeLifecycleModes is " + driver.lifecycleModes() + ", not [Ephemeral]",
              REPLACE));
    }
    if (!driver.podInfoOnMount()) {
      wrong.add(
          Finding.fail(
              Check.CSI_DRIVER,
              "podInfoOnMount is not true: kubelet does not say which pod it is, and what the pod's"
                  + " author planted in its place would stay",
              patch("\"podInfoOnMount\":true")));
    }
    if (!driver.requiresRepublish()) {
      wrong.add(
          Finding.fail(
              Check.CSI_DRIVER,
              "requiresRepublish is not true: agents get no new tokens, and renewal ends with the"
                  + " first one",
              patch("\"requiresRepublish\":true")));
    }
    if (!driver.fsGroupPolicy().equals("None")) {
      wrong.add(
          Finding.fail(
              Check.CSI_DRIVER,
              "fsGroupPolicy is "
                  + driver.fsGroupPolicy()
                  + ", not None: the agent does not learn the pod's fsGroup",
              patch("\"fsGroupPolicy\":\"None\"")));
    }
    secrets(in, driver).ifPresent(wrong::add);
    return wrong;
  }

  private static Optional<Finding> secrets(Inspection in, CsiDriverFact driver) {
    boolean known = in.version().map(version -> version.atLeast(1, 35)).orElse(false);
    return known && !driver.tokensInSecrets()
        ? Optional.of(
            Finding.warn(
                Check.CSI_DRIVER,
                "serviceAccountTokenInSecrets is not true: tokens travel among the volume's other"
                    + " values, where logs have shown them before (CVE-2023-2878, CVE-2024-3744)",
                "helm upgrade signet ... --set csiDriver.tokensInSecrets=true"))
        : Optional.empty();
  }

  private static String patch(String field) {
    return PATCH.replace("%s", field);
  }

  static List<Finding> audience(Inspection in) {
    return Finding.on(
        Check.CSI_AUDIENCE,
        in.installation().driver(),
        found ->
            found
                .map(driver -> List.of(audience(in, driver)))
                .orElseGet(() -> in.pointless(Check.CSI_AUDIENCE)));
  }

  private static Finding audience(Inspection in, CsiDriverFact driver) {
    List<TokenRequest> requests = driver.tokenRequests();
    List<String> audiences = requests.stream().map(TokenRequest::audience).toList();
    Optional<String> trustDomain = in.trustDomain();
    if (trustDomain.isEmpty()) {
      return Finding.fail(
          Check.CSI_AUDIENCE,
          "the CSIDriver asks for tokens of " + audiences + ", which is no audience of Signet's",
          "helm upgrade signet ... --set trustDomain=<trust domain>");
    }
    String wanted = "signet://" + trustDomain.get() + "/workload";
    String mend =
        patch("\"tokenRequests\":[{\"audience\":\"" + wanted + "\",\"expirationSeconds\":3600}]");
    if (!audiences.equals(List.of(wanted))) {
      return Finding.fail(
          Check.CSI_AUDIENCE,
          "the CSIDriver asks for tokens of " + audiences + ", not [" + wanted + "]",
          mend);
    }
    long seconds = requests.getFirst().expirationSeconds().orElse(3600);
    if (in.review() == ReviewBy.AGENT && seconds > LONGEST_TOKEN_OF_AGENTS) {
      return Finding.fail(
          Check.CSI_AUDIENCE,
          "tokens live "
              + seconds
              + " s, and where agents review the CA takes none that lives more than "
              + LONGEST_TOKEN_OF_AGENTS
              + " s",
          mend);
    }
    return seconds < SHORTEST_TOKEN
        ? Finding.fail(
            Check.CSI_AUDIENCE,
            "tokens are asked for with a life of "
                + seconds
                + " s; no cluster makes one under 600 s",
            mend)
        : Finding.ok(
            Check.CSI_AUDIENCE,
            "kubelet brings tokens of " + wanted + " that live " + seconds + " s");
  }

  static List<Finding> registered(Inspection in) {
    return in.whereInstalled(
        Check.CSI_REGISTERED,
        () -> Finding.on(Check.CSI_REGISTERED, in.facts().nodes(), nodes -> registered(in, nodes)));
  }

  private static List<Finding> registered(Inspection in, List<NodeFact> nodes) {
    // One request tells of all nodes.
    Observed<Set<String>> first =
        nodes.stream().findFirst().map(NodeFact::drivers).orElse(Observed.seen(Set.of()));
    return Finding.on(Check.CSI_REGISTERED, first, seen -> List.of(missing(in)));
  }

  private static Finding missing(Inspection in) {
    List<SignetPod> agents =
        in.installation().pods().ifSeen().orElse(List.of()).stream()
            .filter(pod -> pod.owner().equals(Installed.AGENT))
            .toList();
    Set<String> withAgent =
        agents.stream().filter(SignetPod::ready).map(SignetPod::node).collect(Collectors.toSet());
    List<NodeFact> working = in.workingNodes();
    if (working.isEmpty()) {
      return Finding.unknown(
          Check.CSI_REGISTERED,
          "no node takes pods now",
          "kubectl get nodes: make one ready, uncordon it");
    }
    List<NodeFact> without =
        working.stream()
            .filter(node ->
                node.drivers().ifSeen().filter(names -> names.contains(Installed.DRIVER)).isEmpty())
            .toList();
    List<String> missing = without.stream().map(NodeFact::name).toList();
    if (!missing.isEmpty()
        && without.stream().allMatch(node -> AgentChecks.keptAway(node, agents))) {
      return Finding.warn(
          Check.CSI_REGISTERED,
          "not registered on " + Listing.of(missing) + ", where taints keep agents away",
          "see agents");
    }
    if (missing.isEmpty()) {
      return Finding.ok(
          Check.CSI_REGISTERED, "registered on all of " + Listing.count(working.size(), "node"));
    }
    List<String> deaf = missing.stream().filter(withAgent::contains).toList();
    return deaf.isEmpty()
        ? Finding.fail(
            Check.CSI_REGISTERED,
            "not registered on " + Listing.of(missing) + ", where no agent is ready",
            "see agents")
        : Finding.fail(
            Check.CSI_REGISTERED,
            "an agent is ready and kubelet has not registered it on " + Listing.of(deaf),
            "kubelet's folder is probably not "
                + in.kubeletDir()
                + " there: look for kubelet's --root-dir on the node, then helm upgrade signet ..."
                + " --set agent.kubeletDir=<folder>");
  }
}
