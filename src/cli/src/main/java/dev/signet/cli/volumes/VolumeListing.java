package dev.signet.cli.volumes;

import dev.signet.cli.cluster.VolumeUser;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** The pods as a table, and how to go on where Signet is to be taken away. */
public final class VolumeListing {
  private static final List<String> HEAD = List.of("NAMESPACE", "POD", "NODE", "PHASE", "OWNER");
  private static final int SHOWN_OWNERS = 20;

  private final List<VolumeUser> users;

  /**
   * @param users the pods to show
   */
  public VolumeListing(List<VolumeUser> users) {
    this.users =
        users.stream().sorted(Comparator.comparing(user -> user.pod().toString())).toList();
  }

  /** Whether an agent is needed yet. */
  public boolean inUse() {
    return users.stream().anyMatch(VolumeUser::inUse);
  }

  /** The table, with its columns in line. */
  public List<String> table() {
    if (users.isEmpty()) {
      return List.of("no pod uses the volume");
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEAD);
    for (VolumeUser user : users) {
      rows.add(
          List.of(
              user.pod().namespace(),
              user.pod().name(),
              user.node().isEmpty() ? "-" : user.node(),
              user.deleting() ? user.phase() + ",Terminating" : user.phase(),
              user.owner().isEmpty() ? "-" : user.owner()));
    }
    int[] widths = new int[HEAD.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
    }
    return line.toString().stripTrailing();
  }

  /** What to do before Signet is uninstalled; empty if nothing is in its way. */
  public List<String> howToGoOn() {
    List<VolumeUser> holders = users.stream().filter(VolumeUser::inUse).toList();
    if (holders.isEmpty()) {
      return List.of();
    }
    Set<String> commands = new TreeSet<>();
    for (VolumeUser user : holders) {
      commands.add(
          user.owner().isEmpty()
              ? "kubectl -n " + user.pod().namespace() + " delete pod " + user.pod().name()
              : "kubectl -n "
                  + user.pod().namespace()
                  + " delete "
                  + user.owner().toLowerCase(Locale.ROOT).replace('/', ' '));
    }
    List<String> lines = new ArrayList<>();
    lines.add(
        (holders.size() == 1 ? "1 pod needs" : holders.size() + " pods need")
            + " the agents yet. Without them kubelet cannot take the volume down, and the pods stay"
            + " in Terminating.");
    lines.add("Take the volume out of what made them and wait for the rollout, or delete it:");
    commands.stream().limit(SHOWN_OWNERS).forEach(command -> lines.add("  " + command));
    if (commands.size() > SHOWN_OWNERS) {
      lines.add("  and " + (commands.size() - SHOWN_OWNERS) + " more");
    }
    lines.add("Then try again. To uninstall in spite of them: helm uninstall --no-hooks");
    return List.copyOf(lines);
  }
}
