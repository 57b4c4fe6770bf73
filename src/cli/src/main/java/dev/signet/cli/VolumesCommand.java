package dev.signet.cli;

import dev.signet.cli.adapter.kubernetes.ClusterAccess;
import dev.signet.cli.adapter.kubernetes.KubeconfigException;
import dev.signet.cli.adapter.kubernetes.KubernetesVolumeUsers;
import dev.signet.cli.cluster.Observed;
import dev.signet.cli.cluster.UnreachableException;
import dev.signet.cli.cluster.VolumeUser;
import dev.signet.cli.volumes.VolumeListing;
import dev.signet.process.message.Printable;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code signet volumes}. */
@Command(
    name = "volumes",
    description = {
      "List the pods that use Signet's volume.",
      "Exit codes: 0 done; 1 the pods could not be listed; 2 wrong usage or kubeconfig; 3 with --exit-code, pods need the agents yet."
    })
final class VolumesCommand implements Callable<Integer> {
  private final PrintStream out;
  private final PrintStream err;
  private final ClusterAccess access;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "Default: as kubectl finds it; in a pod, the pod's own account.")
  private @Nullable Path kubeconfig;

  @Option(names = "--context", paramLabel = "NAME", description = "Default: the current one.")
  private @Nullable String context;

  @ArgGroup private @Nullable Where where;

  @Option(
      names = "--in-use",
      description = "Leave out finished pods: those that need no agent any more.")
  private boolean inUse;

  @Option(
      names = "--exit-code",
      description = "End with 3 if there are pods that need the agents yet.")
  private boolean exitCode;

  VolumesCommand(PrintStream out, PrintStream err, ClusterAccess access) {
    this.out = out;
    this.err = err;
    this.access = access;
  }

  /** One of two; neither means everywhere. */
  static final class Where {
    @Option(
        names = {"-n", "--namespace"},
        paramLabel = "NAME",
        converter = NamespaceName.class,
        description = "Only there.")
    private @Nullable String namespace;

    @Option(
        names = {"-A", "--all-namespaces"},
        description = "Everywhere; the default.")
    private boolean everywhere;

    Optional<String> onlyNamespace() {
      return everywhere ? Optional.empty() : Optional.ofNullable(namespace);
    }
  }

  @Override
  public Integer call() {
    try {
      Observed<List<VolumeUser>> users =
          new KubernetesVolumeUsers(
                  access.open(Optional.ofNullable(kubeconfig), Optional.ofNullable(context)))
              .list(Optional.ofNullable(where).flatMap(Where::onlyNamespace));
      return users.either(
          this::print,
          (why, mend) -> {
            err.println(Printable.line("signet volumes: " + why + "; " + mend));
            return ExitCode.FAILED;
          });
    } catch (KubeconfigException e) {
      err.println(Printable.line("signet volumes: " + e.getMessage()));
      return ExitCode.USAGE;
    } catch (UnreachableException e) {
      err.println(Printable.line("signet volumes: " + e.getMessage()));
      return ExitCode.FAILED;
    }
  }

  private int print(List<VolumeUser> users) {
    VolumeListing listing =
        new VolumeListing(inUse ? users.stream().filter(VolumeUser::inUse).toList() : users);
    listing.table().forEach(line -> out.println(Printable.line(line)));
    if (exitCode && listing.inUse()) {
      out.println();
      listing.howToGoOn().forEach(line -> out.println(Printable.line(line)));
      return ExitCode.IN_USE;
    }
    return ExitCode.OK;
  }
}
