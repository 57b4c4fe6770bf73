package dev.signet.cli.preflight;

import dev.signet.cli.cluster.AccessFacts;
import dev.signet.cli.cluster.AccessFacts.Binding;
import dev.signet.cli.cluster.Installed;
import dev.signet.cli.preflight.AccountRights.Grant;
import dev.signet.cli.preflight.Expectations.ReviewBy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Nothing missing, and nothing too much, for the accounts of the CA and of the agents. */
final class RightsChecks {
  private static final Right REVIEW =
      Right.inCluster("create", "authentication.k8s.io", "tokenreviews");

  private RightsChecks() {}

  static List<Finding> caMissing(Inspection in) {
    return Finding.on(
        Check.CA_RIGHTS,
        in.facts().access(),
        access -> missing(in, access, Check.CA_RIGHTS, Installed.CA, caNeeds(in)));
  }

  static List<Finding> caExcess(Inspection in) {
    return Finding.on(
        Check.CA_EXCESS,
        in.facts().access(),
        access -> excess(in, access, Check.CA_EXCESS, Installed.CA, caNeeds(in)));
  }

  static List<Finding> agentMissing(Inspection in) {
    return in.review() == ReviewBy.CA
        ? List.of()
        : Finding.on(
            Check.AGENT_RIGHTS,
            in.facts().access(),
            access -> missing(in, access, Check.AGENT_RIGHTS, Installed.AGENT, List.of(REVIEW)));
  }

  static List<Finding> agentExcess(Inspection in) {
    List<Right> may = in.review() == ReviewBy.AGENT ? List.of(REVIEW) : List.of();
    return Finding.on(
        Check.AGENT_EXCESS,
        in.facts().access(),
        access -> excess(in, access, Check.AGENT_EXCESS, Installed.AGENT, may));
  }

  private static List<Right> caNeeds(Inspection in) {
    String namespace = in.expected().namespace();
    List<Right> bundle =
        List.of(
            Right.in(namespace, "get", "configmaps", Installed.BUNDLE),
            Right.in(namespace, "update", "configmaps", Installed.BUNDLE),
            Right.in(namespace, "create", "configmaps", ""));
    // With review by agents the CA cannot reach the API whose pods it is about.
    return in.review() == ReviewBy.AGENT
        ? bundle
        : Stream.concat(
                Stream.of(REVIEW, pods("get"), pods("list"), pods("watch")), bundle.stream())
            .toList();
  }

  private static Right pods(String verb) {
    return Right.inCluster(verb, "", "pods");
  }

  private static List<Finding> missing(
      Inspection in, AccessFacts access, Check check, String account, List<Right> needed) {
    return in.whereInstalled(check, () -> List.of(lacking(in, access, check, account, needed)));
  }

  private static Finding lacking(
      Inspection in, AccessFacts access, Check check, String account, List<Right> needed) {
    List<Grant> grants = new AccountRights(in.expected().namespace(), account).grants(access);
    List<String> missing =
        needed.stream()
            .filter(right -> grants.stream().noneMatch(grant -> grant.right().covers(right)))
            .map(Right::toString)
            .toList();
    String who = in.expected().namespace() + "/" + account;
    return missing.isEmpty()
        ? Finding.ok(
            check,
            who
                + (needed.size() == 1
                    ? " has the right that it needs"
                    : " has all " + needed.size() + " rights that it needs"))
        : Finding.fail(
            check,
            who + " lacks: " + String.join("; ", missing),
            "helm upgrade signet ... puts the chart's roles back. RBAC alone was looked at; whether"
                + " another authorizer grants it: kubectl auth can-i <verb> <resource>"
                + " --as=system:serviceaccount:"
                + in.expected().namespace()
                + ":"
                + account);
  }

  private static List<Finding> excess(
      Inspection in, AccessFacts access, Check check, String account, List<Right> allowed) {
    List<Grant> grants = new AccountRights(in.expected().namespace(), account).grants(access);
    List<Grant> extra =
        grants.stream()
            .filter(grant -> allowed.stream().noneMatch(right -> right.covers(grant.right())))
            .filter(Predicate.not(RightsChecks::isEverybodysFromTheStart))
            .toList();
    if (extra.isEmpty()) {
      String who = in.expected().namespace() + "/" + account;
      String seen =
          grants.stream().allMatch(Grant::everybodys)
              ? who + " has no right but what every account has"
              : who + " has no right that it does not need";
      return in.whereInstalled(check, () -> List.of(Finding.ok(check, seen)));
    }
    Map<Binding, List<Grant>> byBinding = new LinkedHashMap<>();
    extra.stream()
        .sorted(Comparator.comparing(grant -> grant.binding().toString()))
        .forEach(grant ->
            byBinding.computeIfAbsent(grant.binding(), any -> new ArrayList<>()).add(grant));
    List<Finding> findings = new ArrayList<>();
    byBinding.forEach(
        (binding, given) -> findings.add(tooMuch(in, check, account, binding, given)));
    return findings;
  }

  /** What Kubernetes itself lets everybody do: ask about oneself, and read the list of APIs. */
  private static boolean isEverybodysFromTheStart(Grant grant) {
    return grant.everybodys() && grant.binding().builtIn() && !grant.right().forbidden();
  }

  private static Finding tooMuch(
      Inspection in, Check check, String account, Binding binding, List<Grant> given) {
    boolean everybodys = given.getFirst().everybodys();
    List<Right> worst =
        given.stream().map(Grant::right).filter(Right::forbidden).distinct().toList();
    String who = in.expected().namespace() + "/" + account;
    String seen =
        who
            + (everybodys ? ", like every account," : "")
            + " may also "
            + (worst.isEmpty()
                ? Rights.print(given.stream().map(Grant::right).toList())
                : Rights.print(worst) + ", never to be had")
            + (worst.isEmpty() || worst.size() == given.size()
                ? ""
                : " (and " + (given.size() - worst.size()) + " other rights)")
            + ", by "
            + binding
            + " -> "
            + (binding.role().namespace().isEmpty() ? "ClusterRole " : "Role ")
            + binding.role().name();
    String mend = mend(binding, everybodys, who);
    return everybodys && worst.isEmpty()
        ? Finding.warn(check, seen, mend)
        : Finding.fail(check, seen, mend);
  }

  private static String mend(Binding binding, boolean everybodys, String who) {
    boolean onlyMine = !everybodys && binding.subjects().size() == 1;
    String command =
        "kubectl "
            + (binding.namespace().isEmpty() ? "" : "-n " + binding.namespace() + " ")
            + (onlyMine ? "delete " : "edit ")
            + (binding.namespace().isEmpty() ? "clusterrolebinding " : "rolebinding ")
            + binding.name();
    if (onlyMine) {
      return command;
    }
    return command
        + (everybodys
            ? ": take the group out of its subjects, and name who needs it"
            : ": take " + who + " out of its subjects");
  }
}
