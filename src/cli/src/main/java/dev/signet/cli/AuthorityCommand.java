package dev.signet.cli;

import dev.signet.ca.rotation.Overview;
import dev.signet.cli.trust.TrustTables;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code signet authority}. */
@Command(
    name = "authority",
    description = {
      "Show the roots and the issuing authorities of a CA.",
      "Exit codes: 0 done; 1 refused; 2 wrong usage; 3 no CA answers."
    })
final class AuthorityCommand {
  private final CaCalls calls;

  AuthorityCommand(CaCalls calls) {
    this.calls = calls;
  }

  @Command(description = "List them with their states, and how far the CA's replicas are.")
  int list(@Mixin CaOptions options) {
    return calls.run(
        "signet authority list",
        options,
        ca -> {
          Overview overview = ca.overview();
          if (options.json()) {
            calls.print(TrustJson.authorities(overview));
          } else {
            calls.print(TrustTables.authorities(overview));
          }
          return ExitCode.OK;
        });
  }
}
