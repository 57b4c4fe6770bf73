package dev.signet.agent.adapter.unix;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether {@code /proc/<pid>/cgroup} names a pod, in the forms that kubelets and runtimes write
 * (KUBERNETES.md 4). It serves to refuse: a form that is not known names none.
 */
final class PodCgroups {
  private static final String UID =
      "[0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32}";

  /**
   * {@code pod<uid>}: cgroupfs. {@code kubepods-...-pod<uid>.slice}: systemd, perhaps with a tail.
   */
  private static final Pattern POD =
      Pattern.compile("pod(" + UID + ")|(?:[^/]*-)?pod(" + UID + ")\\.slice(?::.*)?");

  private PodCgroups() {}

  /**
   * The pod a process is in, if any, leaving out what it shares with this process from the root on:
   * a node may itself run in a pod of another cluster, and that pod is no evidence.
   *
   * @param peer content of the process's cgroup file
   * @param own content of this process's
   */
  static Optional<String> podBelow(String peer, String own) {
    Map<String, List<String>> ownPaths = new HashMap<>();
    own.lines().forEach(line -> ownPaths.put(hierarchy(line), path(line)));
    for (String line : peer.lines().toList()) {
      List<String> path = path(line);
      int from = common(path, ownPaths.getOrDefault(hierarchy(line), List.of()));
      for (String name : path.subList(from, path.size())) {
        Matcher pod = POD.matcher(name);
        if (pod.matches()) {
          String uid = pod.group(1) != null ? pod.group(1) : pod.group(2);
          return Optional.of(uid.replace('_', '-'));
        }
      }
    }
    return Optional.empty();
  }

  /** A line is {@code <number>:<controllers>:<path>}; a path may hold colons. */
  private static String hierarchy(String line) {
    int first = line.indexOf(':');
    int second = line.indexOf(':', first + 1);
    return first < 0 || second < 0 ? "" : line.substring(first + 1, second);
  }

  private static List<String> path(String line) {
    int second = line.indexOf(':', line.indexOf(':') + 1);
    var names = new ArrayList<String>();
    for (String name : line.substring(second + 1).split("/", -1)) {
      if (!name.isEmpty()) {
        names.add(name);
      }
    }
    return names;
  }

  private static int common(List<String> path, List<String> own) {
    int count = 0;
    while (count < path.size() && count < own.size() && path.get(count).equals(own.get(count))) {
      count++;
    }
    return count;
  }
}
