package dev.signet.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * {@code signet}, the operator's and developer's command.
 *
 * <p>Exit codes: 0 done; 1 it was tried and did not succeed; 2 the command line or a file is wrong,
 * and nothing was started.
 */
@Command(
    name = "signet",
    description = "Short-lived cryptographic identities for Kubernetes workloads.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {DemoCommand.class, ValidateCommand.class, VersionCommand.class})
public final class Main implements Runnable {
  static final int OK = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;

  /** Named here, since each process brings a file of its own under the usual name. */
  private static final String LOG_CONFIGURATION = "dev/signet/cli/logback.xml";

  @Spec private CommandSpec spec;

  public static void main(String[] args) {
    System.setProperty("logback.configurationFile", LOG_CONFIGURATION);
    System.exit(run(args, UnaryOperator.identity()));
  }

  static int run(String[] args, UnaryOperator<CommandLine> setUp) {
    CommandLine line = new CommandLine(new Main());
    line.setExpandAtFiles(false)
        .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
        .setParameterExceptionHandler(Main::refuse);
    return setUp.apply(line).execute(args);
  }

  /** A verb is missing. */
  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "a verb is missing; the verbs are " + String.join(", ", spec.subcommands().keySet()));
  }

  /** One line, and nothing of what was typed reaches the terminal as a control character. */
  private static int refuse(ParameterException refused, String[] args) {
    CommandLine command = refused.getCommandLine();
    StringBuilder text = new StringBuilder();
    text.append(command.getCommandSpec().qualifiedName()).append(": ").append(refused.getMessage());
    if (refused instanceof UnmatchedArgumentException unmatched
        && !unmatched.getSuggestions().isEmpty()) {
      text.append("; did you mean ").append(unmatched.getSuggestions().getFirst()).append('?');
    }
    PrintWriter err = command.getErr();
    err.println(text.toString().replaceAll("\\p{Cntrl}", "?"));
    err.flush();
    return USAGE;
  }
}
