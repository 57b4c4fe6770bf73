package dev.signet.cli;

import dev.signet.agent.config.AgentConfig;
import dev.signet.ca.CaConfig;
import dev.signet.cli.adapter.kubernetes.ClusterAccess;
import dev.signet.process.config.ConfigDocument;
import dev.signet.process.config.ConfigException;
import dev.signet.sandbox.demo.Demo;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * {@code signet}, the operator's and developer's command.
 *
 * <p>Exit codes: 0 done; 1 it was tried and did not succeed; 2 the command line or a file is wrong,
 * and nothing was started; 3 and 4 as the commands say.
 */
@Command(
    name = "signet",
    description = "Short-lived cryptographic identities for Kubernetes workloads.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    scope = CommandLine.ScopeType.INHERIT)
public final class Main {
  /** Named here, since each process brings a file of its own under the usual name. */
  private static final String LOG_CONFIGURATION = "dev/signet/cli/logback.xml";

  private final PrintStream out;
  private final PrintStream err;

  private Main(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  public static void main(String[] args) {
    System.setProperty("logback.configurationFile", LOG_CONFIGURATION);
    System.exit(run(args, System.out, System.err, System.getenv()));
  }

  static int run(String[] args, PrintStream out, PrintStream err, Map<String, String> environment) {
    ClusterAccess access = new ClusterAccess(environment);
    CaCalls calls = new CaCalls(out, err, environment);
    return new CommandLine(new Main(out, err))
        .addSubcommand(new PreflightCommand(out, err, access, InstantSource.system()))
        .addSubcommand(new VolumesCommand(out, err, access))
        .addSubcommand(new AuthorityCommand(calls))
        .addSubcommand(new RotateCommand(calls))
        .addSubcommand(new AgentCommand(calls))
        .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
        .setExpandAtFiles(false)
        .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
        .setParameterExceptionHandler(Main::refuse)
        .execute(args);
  }

  @Command(
      description = {
        "Tell one story with a whole small cluster on this machine: a shop on two nodes, and an intruder.",
        "Needs no cluster, no privilege and no network. Ctrl-C leaves no process and no file behind."
      })
  int demo(
      @Option(
              names = "--once",
              description =
                  "End after the summary: exit code 0 if everything was as expected, 1 if not. Without it the world stays up until Ctrl-C.")
          boolean once,
      @Option(
              names = "--rotate",
              description =
                  "Tell of the trust root instead: it is rotated under constant calls while replicas of the CA and agents come and go.")
          boolean rotate) {
    return Demo.run(rotate ? Demo.Story.ROTATION : Demo.Story.SHOP, once, out)
        ? ExitCode.OK
        : ExitCode.FAILED;
  }

  /** Whose configuration; as it is typed. */
  enum Subject {
    ca,
    agent
  }

  @Command(description = "Check a configuration file as its process reads it, and start nothing.")
  int validate(
      @Parameters(paramLabel = "ca|agent", description = "Whose configuration it is.")
          Subject subject,
      @Parameters(paramLabel = "FILE", description = "A YAML file.") Path file) {
    try {
      ConfigDocument document = ConfigDocument.read(file);
      switch (subject) {
        case ca -> CaConfig.from(document);
        case agent -> AgentConfig.from(document);
      }
      out.println("the configuration is valid");
      return ExitCode.OK;
    } catch (ConfigException e) {
      err.println(e.getMessage());
      return ExitCode.USAGE;
    }
  }

  @Command(description = "Print the version.")
  int version() throws IOException {
    for (String line : new Version().getVersion()) {
      out.println(line);
    }
    return ExitCode.OK;
  }

  /** Whether the command does nothing by itself: one of its verbs is missing, or is wrong. */
  private static boolean needsSubcommand(CommandLine command) {
    Object is = command.getCommandSpec().userObject();
    return !command.getSubcommands().isEmpty()
        && !(is instanceof Callable)
        && !(is instanceof Runnable);
  }

  /** One line, and nothing of what was typed reaches the terminal as a control character. */
  private static int refuse(ParameterException refused, String[] args) {
    CommandLine command = refused.getCommandLine();
    StringBuilder text = new StringBuilder(command.getCommandSpec().qualifiedName());
    text.append(": ").append(refused.getMessage());
    if (refused instanceof UnmatchedArgumentException unmatched
        && !unmatched.getSuggestions().isEmpty()) {
      text.append("; did you mean ").append(unmatched.getSuggestions().getFirst()).append('?');
    } else if (needsSubcommand(command)) {
      text.append("; one of ").append(String.join(", ", command.getSubcommands().keySet()));
    }
    command.getErr().println(text.toString().replaceAll("\\p{Cntrl}", "?"));
    return ExitCode.USAGE;
  }
}
