package dev.signet.cli.preflight;

import dev.signet.cli.cluster.InstalledSettings;
import dev.signet.cli.cluster.PodFacts;
import dev.signet.cli.cluster.VolumeUser;
import java.util.List;
import java.util.Set;

/** Pods that use the volume in a way that does not work. */
final class WorkloadChecks {
  private WorkloadChecks() {}

  static List<Finding> defaultAccounts(Inspection in) {
    Set<String> allowed = in.settings().map(InstalledSettings::defaultAccounts).orElse(Set.of());
    return Finding.on(
        Check.DEFAULT_ACCOUNTS,
        in.facts().pods(),
        pods -> {
          List<String> refused =
              live(pods).stream()
                  .filter(user -> user.account().equals("default"))
                  .filter(user -> !allowed.contains(user.pod().namespace()))
                  .map(user -> user.pod().toString())
                  .toList();
          return List.of(
              refused.isEmpty()
                  ? Finding.ok(
                      Check.DEFAULT_ACCOUNTS,
                      none(pods)
                          ? "no pod uses the volume"
                          : "every pod with the volume has an account of its own")
                  : Finding.warn(
                      Check.DEFAULT_ACCOUNTS,
                      "run as `default`: " + Listing.of(refused),
                      "give them an account: kubectl -n <namespace> create serviceaccount <name>, and"
                          + " spec.serviceAccountName in the pod's template"));
        });
  }

  static List<Finding> subPaths(Inspection in) {
    return Finding.on(
        Check.SUB_PATHS,
        in.facts().pods(),
        pods -> {
          List<String> pinned =
              live(pods).stream()
                  .filter(VolumeUser::subPath)
                  .map(user -> user.pod().toString())
                  .toList();
          return List.of(
              pinned.isEmpty()
                  ? Finding.ok(
                      Check.SUB_PATHS,
                      none(pods) ? "no pod uses the volume" : "every pod mounts the whole volume")
                  : Finding.warn(
                      Check.SUB_PATHS,
                      "mount a subPath of it: " + Listing.of(pinned),
                      "mount the whole volume as a folder, and take subPath and subPathExpr out of"
                          + " that volumeMount"));
        });
  }

  private static List<VolumeUser> live(PodFacts pods) {
    return pods.users().stream().filter(user -> !user.finished()).toList();
  }

  private static boolean none(PodFacts pods) {
    return live(pods).isEmpty();
  }
}
