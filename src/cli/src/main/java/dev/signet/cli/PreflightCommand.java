package dev.signet.cli;

import dev.signet.cli.adapter.kubernetes.ClusterAccess;
import dev.signet.cli.adapter.kubernetes.KubeconfigException;
import dev.signet.cli.adapter.kubernetes.KubernetesClusterReader;
import dev.signet.cli.cluster.Installed;
import dev.signet.cli.cluster.UnreachableException;
import dev.signet.cli.preflight.Expectations;
import dev.signet.cli.preflight.Expectations.ReviewBy;
import dev.signet.cli.preflight.Preflight;
import dev.signet.cli.preflight.Report;
import dev.signet.process.message.Printable;
import dev.signet.spiffe.InvalidSpiffeIdException;
import dev.signet.spiffe.TrustDomain;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code signet preflight}. */
@Command(
    name = "preflight",
    description = {
      "Say whether a cluster is fit for Signet, and after installation whether all is in order.",
      "Changes nothing: it reads, makes one token of ten minutes that nobody keeps, and has it reviewed.",
      "Exit codes: 0 nothing failed; 1 something did; 2 wrong usage or kubeconfig; 3 the cluster does not answer."
    })
final class PreflightCommand implements Callable<Integer> {
  private final PrintStream out;
  private final PrintStream err;
  private final ClusterAccess access;
  private final InstantSource clock;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "Default: as kubectl finds it.")
  private @Nullable Path kubeconfig;

  @Option(names = "--context", paramLabel = "NAME", description = "Default: the current one.")
  private @Nullable String context;

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAME",
      defaultValue = Installed.NAMESPACE,
      converter = NamespaceName.class,
      description = "Signet's own. Default: ${DEFAULT-VALUE}.")
  private String namespace = Installed.NAMESPACE;

  @Option(
      names = "--trust-domain",
      paramLabel = "NAME",
      description = "The one that is or will be installed. Default: as installed.")
  private @Nullable String trustDomain;

  @Option(
      names = "--kubelet-dir",
      paramLabel = "FOLDER",
      description =
          "Kubelet's root folder on the nodes. Default: as installed, or /var/lib/kubelet.")
  private @Nullable String kubeletDir;

  @Option(
      names = "--review",
      paramLabel = "ca|agent",
      description =
          "Who has tokens reviewed (the chart's agent.review). Default: as installed, or ca.")
  private @Nullable Review review;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "text|json",
      defaultValue = "text",
      description = "Default: ${DEFAULT-VALUE}.")
  private Output output = Output.text;

  PreflightCommand(PrintStream out, PrintStream err, ClusterAccess access, InstantSource clock) {
    this.out = out;
    this.err = err;
    this.access = access;
    this.clock = clock;
  }

  /** As it is typed. */
  enum Review {
    ca,
    agent;

    private ReviewBy expected() {
      return this == ca ? ReviewBy.CA : ReviewBy.AGENT;
    }
  }

  /** As it is typed. */
  enum Output {
    text,
    json
  }

  @Override
  public Integer call() throws IOException {
    Expectations expected = expectations();
    try {
      KubernetesClusterReader cluster =
          new KubernetesClusterReader(
              access.open(Optional.ofNullable(kubeconfig), Optional.ofNullable(context)), clock);
      Report report = new Preflight(cluster).run(expected);
      if (output == Output.json) {
        out.println(ReportJson.of(report));
      } else {
        ReportText.lines(report).forEach(out::println);
      }
      return report.passed() ? ExitCode.OK : ExitCode.FAILED;
    } catch (KubeconfigException e) {
      err.println(Printable.line("signet preflight: " + e.getMessage()));
      return ExitCode.USAGE;
    } catch (UnreachableException e) {
      err.println(Printable.line("signet preflight: " + e.getMessage()));
      return ExitCode.UNREACHABLE;
    }
  }

  private Expectations expectations() throws IOException {
    if (kubeletDir != null && !kubeletDir.matches("/.*[^/]")) {
      throw refused(
          "--kubelet-dir "
              + Printable.quoted(kubeletDir)
              + " is no absolute path without a slash at its end, such as /var/lib/kubelet");
    }
    if (trustDomain != null) {
      try {
        TrustDomain.parse(trustDomain);
      } catch (InvalidSpiffeIdException e) {
        throw refused("--trust-domain: " + e.getMessage());
      }
    }
    return new Expectations(
        namespace,
        Optional.ofNullable(trustDomain),
        Optional.ofNullable(kubeletDir),
        Optional.ofNullable(review).map(Review::expected),
        Version.number());
  }

  private ParameterException refused(String message) {
    if (spec == null) {
      throw new IllegalStateException("picocli sets it before it calls");
    }
    return new ParameterException(spec.commandLine(), message);
  }
}
