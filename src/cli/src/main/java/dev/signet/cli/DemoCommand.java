package dev.signet.cli;

import dev.signet.sandbox.demo.Demo;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code signet demo}. */
@Command(
    name = "demo",
    description = {
      "Tell one story with a whole small cluster on this machine: a shop on two nodes, and an intruder.",
      "Needs no cluster, no privilege and no network. Ctrl-C leaves no process and no file behind."
    },
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  @Option(
      names = "--once",
      description =
          "End after the summary: exit code 0 if everything was as expected, 1 if not. Without it the world stays up until Ctrl-C.")
  private boolean once;

  @Override
  public Integer call() {
    return Demo.run(once, System.out) ? Main.OK : Main.FAILED;
  }
}
