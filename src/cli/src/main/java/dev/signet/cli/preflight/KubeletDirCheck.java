package dev.signet.cli.preflight;

import dev.signet.cli.cluster.Installed;
import dev.signet.cli.cluster.NodeFact;
import dev.signet.cli.cluster.PodFacts.KubeletFolder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Where kubelet's root folder is. No API tells it. What does: kubelet has registered Signet's own
 * driver, or another CSI driver on that node registers itself in a folder; and some distributions
 * are known to keep it elsewhere.
 */
final class KubeletDirCheck {
  private static final Map<String, String> ELSEWHERE =
      Map.of(
          "k0s", "/var/lib/k0s/kubelet",
          "microk8s", "/var/snap/microk8s/common/var/lib/kubelet");

  private final String expected;
  private final String installed;
  private final Map<String, Set<String>> foldersByNode;
  private final List<String> wrong = new ArrayList<>();
  private final List<String> suspected = new ArrayList<>();
  private final List<String> untold = new ArrayList<>();
  private final Set<String> better = new TreeSet<>();

  private KubeletDirCheck(Inspection in) {
    this.expected = in.kubeletDir();
    this.installed = in.installedKubeletDir();
    this.foldersByNode =
        in.facts().pods().ifSeen().stream()
            .flatMap(pods -> pods.kubeletFolders().stream())
            .collect(
                Collectors.groupingBy(
                    KubeletFolder::node,
                    Collectors.mapping(KubeletFolder::path, Collectors.toSet())));
  }

  static List<Finding> of(Inspection in) {
    return Finding.on(
        Check.KUBELET_DIR,
        in.facts().nodes(),
        nodes -> List.of(new KubeletDirCheck(in).judge(in.workingNodes())));
  }

  private Finding judge(List<NodeFact> nodes) {
    nodes.stream().filter(node -> node.system().os().equals("linux")).forEach(this::look);
    if (!wrong.isEmpty()) {
      return Finding.fail(
          Check.KUBELET_DIR,
          "expected "
              + expected
              + ", and other CSI drivers register elsewhere: "
              + Listing.of(wrong),
          better.size() == 1
              ? "helm upgrade --install signet ... --set agent.kubeletDir="
                  + better.iterator().next()
              : "the nodes differ: give them one folder (kubelet's --root-dir), then set"
                  + " agent.kubeletDir to it");
    }
    if (!suspected.isEmpty()) {
      return Finding.warn(
          Check.KUBELET_DIR,
          "expected "
              + expected
              + ", and by their distribution these keep it elsewhere: "
              + Listing.of(suspected),
          "look for kubelet's --root-dir on these nodes; usually --set agent.kubeletDir="
              + String.join(" or ", better));
    }
    if (!untold.isEmpty() || nodes.isEmpty()) {
      return Finding.unknown(
          Check.KUBELET_DIR,
          "expected "
              + expected
              + ", and nothing tells for "
              + (nodes.isEmpty() ? "any node" : Listing.of(untold))
              + ": no CSI driver runs there yet",
          "look on a node: `ls -d "
              + expected
              + "/plugins_registry` must succeed; each agent looks"
              + " at its start and says so if it is not there");
    }
    return Finding.ok(Check.KUBELET_DIR, "kubelet registers CSI drivers in " + expected);
  }

  private void look(NodeFact node) {
    Set<String> folders = foldersByNode.getOrDefault(node.name(), Set.of());
    // Kubelet found the agent in the folder that is installed, which need not be the one asked
    // about.
    boolean ours =
        installed.equals(expected)
            && node.drivers()
                .ifSeen()
                .filter(names -> names.contains(Installed.DRIVER))
                .isPresent();
    String usual = ELSEWHERE.getOrDefault(node.system().distribution(), "");
    if (ours || folders.contains(expected)) {
      return;
    }
    if (!folders.isEmpty()) {
      wrong.add(node.name() + " (" + String.join(", ", new TreeSet<>(folders)) + ")");
      better.addAll(folders);
    } else if (!usual.isEmpty() && !usual.equals(expected)) {
      suspected.add(node.name() + " (" + node.system().distribution() + ": " + usual + ")");
      better.add(usual);
    } else {
      untold.add(node.name());
    }
  }
}
