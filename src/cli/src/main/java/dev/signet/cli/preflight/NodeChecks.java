package dev.signet.cli.preflight;

import dev.signet.cli.cluster.KubernetesVersion;
import dev.signet.cli.cluster.NodeFact;
import dev.signet.cli.cluster.Observed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What runs on the nodes. Where kubelet's folder is has a class of its own. */
final class NodeChecks {
  // mount_setattr(2) is the youngest of the calls that the agent makes (5.12).
  static final int KERNEL_MAJOR = 5;
  static final int KERNEL_MINOR = 12;

  private static final Pattern KERNEL = Pattern.compile("(\\d{1,4})\\.(\\d{1,4}).*");
  // A heartbeat is written every 10 s, and a busy node is late with it.
  private static final Duration OLDEST_HEARTBEAT = Duration.ofSeconds(60);
  private static final Duration YOUNGEST_HEARTBEAT = Duration.ofSeconds(-10);

  private NodeChecks() {}

  static List<Finding> kubelets(Inspection in) {
    return Finding.on(Check.KUBELETS, in.facts().nodes(), nodes -> List.of(kubelets(nodes)));
  }

  private static Finding kubelets(List<NodeFact> nodes) {
    if (nodes.isEmpty()) {
      return Finding.unknown(
          Check.KUBELETS,
          "the cluster has no node",
          "run it again when there are nodes: what they run could not be looked at");
    }
    List<String> odd = names(nodes, node -> node.system().kubelet().isEmpty());
    List<String> old =
        names(nodes, node -> node.system().kubelet().filter(is -> !is.atLeast(1, 27)).isPresent());
    if (!old.isEmpty()) {
      return Finding.fail(
          Check.KUBELETS,
          "kubelets older than 1.27: " + Listing.of(old),
          "upgrade these nodes: kubectl get nodes -o wide");
    }
    if (!odd.isEmpty()) {
      return Finding.unknown(
          Check.KUBELETS,
          "no version of kubelet is known for " + Listing.of(odd),
          "virtual nodes have no agent, so keep pods with the volume away from them");
    }
    return Finding.ok(Check.KUBELETS, places(nodes));
  }

  private static String places(List<NodeFact> nodes) {
    Map<String, Integer> counts = new TreeMap<>();
    for (NodeFact node : nodes) {
      KubernetesVersion kubelet = node.system().kubelet().orElseThrow();
      String place = kubelet.atLeast(1, 35) ? "secrets" : "volume_context";
      counts.merge(kubelet + " (tokens in " + place + ")", 1, Integer::sum);
    }
    List<String> parts = new ArrayList<>();
    counts.forEach(
        (kubelet, count) -> parts.add(Listing.count(count, "node") + " with " + kubelet));
    return String.join(", ", parts);
  }

  static List<Finding> platform(Inspection in) {
    return Finding.on(
        Check.PLATFORM,
        in.facts().nodes(),
        nodes -> {
          List<String> others =
              nodes.stream()
                  .filter(node -> !node.system().isLinuxOnAmd64())
                  .map(node ->
                      node.name()
                          + " ("
                          + node.system().os()
                          + "/"
                          + node.system().architecture()
                          + ")")
                  .toList();
          return List.of(judged(nodes, others));
        });
  }

  private static Finding judged(List<NodeFact> nodes, List<String> others) {
    if (nodes.isEmpty()) {
      return none(Check.PLATFORM);
    }
    if (others.isEmpty()) {
      return Finding.ok(
          Check.PLATFORM, "all " + Listing.count(nodes.size(), "node") + " are linux/amd64");
    }
    String seen = "no agent can run on " + Listing.of(others);
    String mend =
        "keep pods with the volume on the others by nodeSelector kubernetes.io/arch: amd64,"
            + " kubernetes.io/os: linux";
    return others.size() == nodes.size()
        ? Finding.fail(Check.PLATFORM, seen, "add nodes that are linux/amd64")
        : Finding.warn(Check.PLATFORM, seen, mend);
  }

  static List<Finding> kernel(Inspection in) {
    return Finding.on(Check.KERNEL, in.facts().nodes(), nodes -> List.of(kernel(nodes)));
  }

  private static Finding kernel(List<NodeFact> nodes) {
    List<NodeFact> linux =
        nodes.stream().filter(node -> node.system().os().equals("linux")).toList();
    List<String> old =
        linux.stream()
            .filter(node -> newEnough(node.system().kernel()).map(is -> !is).orElse(false))
            .map(node -> node.name() + " (" + node.system().kernel() + ")")
            .toList();
    List<String> odd = names(linux, node -> newEnough(node.system().kernel()).isEmpty());
    String least = KERNEL_MAJOR + "." + KERNEL_MINOR;
    if (linux.isEmpty()) {
      return none(Check.KERNEL);
    }
    if (!old.isEmpty()) {
      return Finding.fail(
          Check.KERNEL,
          "kernels older than " + least + ": " + Listing.of(old),
          "give these nodes a kernel of " + least + " or later, or keep pods with the volume away");
    }
    return odd.isEmpty()
        ? Finding.ok(Check.KERNEL, "every node has " + least + " or later")
        : Finding.unknown(
            Check.KERNEL,
            "no version of the kernel is known for " + Listing.of(odd),
            "look with uname -r on these nodes: " + least + " or later is needed");
  }

  private static Optional<Boolean> newEnough(String kernel) {
    Matcher form = KERNEL.matcher(kernel);
    if (!form.matches()) {
      return Optional.empty();
    }
    int major = Integer.parseInt(form.group(1));
    int minor = Integer.parseInt(form.group(2));
    return Optional.of(major > KERNEL_MAJOR || (major == KERNEL_MAJOR && minor >= KERNEL_MINOR));
  }

  static List<Finding> clocks(Inspection in) {
    return Finding.on(Check.NODE_CLOCKS, in.facts().nodes(), nodes -> List.of(clocks(nodes)));
  }

  private static Finding clocks(List<NodeFact> nodes) {
    List<String> wrong = new ArrayList<>();
    List<String> unseen = new ArrayList<>();
    List<NodeFact> ready = nodes.stream().filter(NodeFact::ready).toList();
    for (NodeFact node : ready) {
      Optional<Duration> age = node.heartbeatAge().ifSeen().flatMap(found -> found);
      if (age.isEmpty()) {
        unseen.add(node.name());
      } else if (age.get().compareTo(YOUNGEST_HEARTBEAT) < 0) {
        wrong.add(node.name() + " (" + Lengths.print(age.get()) + " ahead)");
      } else if (age.get().compareTo(OLDEST_HEARTBEAT) > 0) {
        wrong.add(node.name() + " (about " + Lengths.print(age.get()) + " behind)");
      }
    }
    if (!wrong.isEmpty()) {
      return Finding.warn(
          Check.NODE_CLOCKS,
          "by their heartbeats, other clocks than the API server's: " + Listing.of(wrong),
          "mend the time service (chrony, systemd-timesyncd) of these nodes");
    }
    if (!unseen.isEmpty()) {
      Observed<Optional<Duration>> first =
          ready.stream()
              .filter(node -> unseen.contains(node.name()))
              .findFirst()
              .orElseThrow()
              .heartbeatAge();
      return first.either(
          absent ->
              Finding.unknown(
                  Check.NODE_CLOCKS,
                  "no heartbeat of " + Listing.of(unseen),
                  "kubectl -n kube-node-lease get leases"),
          (why, mend) -> Finding.unknown(Check.NODE_CLOCKS, why, mend));
    }
    return ready.isEmpty()
        ? none(Check.NODE_CLOCKS)
        : Finding.ok(
            Check.NODE_CLOCKS,
            "by their heartbeats, the clocks of "
                + Listing.count(ready.size(), "node")
                + " are near the API server's");
  }

  private static Finding none(Check check) {
    return Finding.unknown(
        check, "there is no ready node to look at", "run it again when there are nodes");
  }

  private static List<String> names(List<NodeFact> nodes, Predicate<NodeFact> which) {
    return nodes.stream().filter(which).map(NodeFact::name).toList();
  }
}
