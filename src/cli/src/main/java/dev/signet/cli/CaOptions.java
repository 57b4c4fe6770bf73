package dev.signet.cli;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What all commands to a CA take. */
final class CaOptions {
  static final String SOCKET_VARIABLE = "SIGNET_ADMIN_SOCKET";

  /** Where the chart's CA has it. */
  static final String USUAL_SOCKET = "/var/lib/signet/ca/admin.sock";

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      description =
          "The CA's own socket. Default: $" + SOCKET_VARIABLE + ", else " + USUAL_SOCKET + ".")
  private @Nullable Path socket;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "text|json",
      defaultValue = "text",
      description = "Default: ${DEFAULT-VALUE}.")
  private PreflightCommand.Output output = PreflightCommand.Output.text;

  Path socket(Map<String, String> environment) {
    return Optional.ofNullable(socket)
        .orElseGet(() -> {
          String named = environment.getOrDefault(SOCKET_VARIABLE, "");
          return Path.of(named.isEmpty() ? USUAL_SOCKET : named);
        })
        .toAbsolutePath();
  }

  boolean json() {
    return output == PreflightCommand.Output.json;
  }
}
