package dev.signet.cli;

import dev.signet.ca.rotation.NodeRef;
import dev.signet.ca.rotation.Overview;
import dev.signet.cli.trust.TrustTables;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code signet agent}. */
@Command(
    name = "agent",
    description = {
      "Show the agents of a CA, and ban the agents of nodes that are not to be trusted.",
      "Exit codes: 0 done; 1 refused; 2 wrong usage; 3 no CA answers."
    })
final class AgentCommand {
  private final CaCalls calls;

  AgentCommand(CaCalls calls) {
    this.calls = calls;
  }

  @Command(
      description =
          "List those whose SVID has not ended, with the bundle that they hold; and bans.")
  int list(@Mixin CaOptions options) {
    return calls.run(
        "signet agent list",
        options,
        ca -> {
          Overview overview = ca.overview();
          if (options.json()) {
            calls.print(TrustJson.agents(overview));
          } else {
            calls.print(TrustTables.agents(overview));
          }
          return ExitCode.OK;
        });
  }

  @Command(
      description = {
        "Ban a node: its agent's connections close, and nothing is issued for the node or its pods.",
        "What they hold already is valid until it ends."
      })
  int ban(
      @Parameters(
              paramLabel = "CLUSTER/NODE",
              converter = NodeName.class,
              description = "As signet agent list shows it.")
          NodeRef node,
      @Option(
              names = "--reason",
              paramLabel = "TEXT",
              required = true,
              description = "Kept for ever.")
          String reason,
      @Mixin CaOptions options) {
    return calls.change(
        "signet agent ban " + node,
        options,
        node + " is banned: its agent gets nothing any more",
        ca -> ca.ban(node, reason));
  }

  @Command(description = "Take a ban back. The agent attests anew by itself.")
  int unban(
      @Parameters(
              paramLabel = "CLUSTER/NODE",
              converter = NodeName.class,
              description = "As signet agent list shows it.")
          NodeRef node,
      @Option(
              names = "--reason",
              paramLabel = "TEXT",
              defaultValue = "",
              description = "Kept for ever.")
          String reason,
      @Mixin CaOptions options) {
    return calls.change(
        "signet agent unban " + node,
        options,
        node + " is free again: its agent attests anew by itself",
        ca -> ca.unban(node, reason));
  }
}
