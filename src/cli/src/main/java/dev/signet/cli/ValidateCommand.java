package dev.signet.cli;

import dev.signet.agent.config.AgentConfig;
import dev.signet.ca.CaConfig;
import dev.signet.process.config.ConfigDocument;
import dev.signet.process.config.ConfigException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code signet validate ca|agent FILE}: the same reading as the process's own. */
@Command(
    name = "validate",
    description = "Check a configuration file as its process reads it, and start nothing.",
    mixinStandardHelpOptions = true)
final class ValidateCommand implements Callable<Integer> {
  /** Whose configuration it is; as it is typed. */
  enum Process {
    ca,
    agent
  }

  @Parameters(index = "0", paramLabel = "ca|agent", description = "Whose configuration it is.")
  private Process process;

  @Parameters(index = "1", paramLabel = "FILE", description = "A YAML file.")
  private Path file;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    try {
      ConfigDocument document = ConfigDocument.read(file);
      switch (process) {
        case ca -> CaConfig.from(document);
        case agent -> AgentConfig.from(document);
      }
      say(spec.commandLine().getOut(), "the configuration is valid");
      return Main.OK;
    } catch (ConfigException e) {
      say(spec.commandLine().getErr(), e.getMessage());
      return Main.USAGE;
    }
  }

  private static void say(PrintWriter writer, String text) {
    writer.println(text);
    writer.flush();
  }
}
