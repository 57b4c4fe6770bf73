package dev.signet.cli;

import com.google.gson.JsonObject;
import dev.signet.cli.adapter.admin.AdminClient;
import dev.signet.cli.trust.CaRefusedException;
import dev.signet.cli.trust.CaUnreachableException;
import dev.signet.process.message.Printable;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;

/** How every command to a CA begins and ends. */
final class CaCalls {
  private static final String IN_A_CLUSTER =
      "kubectl exec -n signet-system statefulset/signet-ca -c ca -- ";

  private final PrintStream out;
  private final PrintStream err;
  private final Map<String, String> environment;

  CaCalls(PrintStream out, PrintStream err, Map<String, String> environment) {
    this.out = out;
    this.err = err;
    this.environment = Map.copyOf(environment);
  }

  /** What a command does with a CA; returns its exit code. */
  interface Work {
    int with(AdminClient ca) throws CaRefusedException, CaUnreachableException;
  }

  /** What a command has the CA change. */
  interface Change {
    void with(AdminClient ca) throws CaRefusedException, CaUnreachableException;
  }

  /**
   * Runs a command.
   *
   * @param command as it is typed, such as {@code signet rotate start}
   */
  int run(String command, CaOptions options, Work work) {
    try (AdminClient ca = AdminClient.open(options.socket(environment))) {
      return work.with(ca);
    } catch (CaRefusedException e) {
      if (options.json()) {
        print(TrustJson.refused(e));
      }
      complain(command, e.sentence());
      return ExitCode.FAILED;
    } catch (CaUnreachableException e) {
      complain(
          command,
          e.getMessage()
              + "; the socket is on the CA's own machine and for its own user: "
              + IN_A_CLUSTER
              + command
              + ", or name it with --socket or "
              + CaOptions.SOCKET_VARIABLE);
      return ExitCode.UNREACHABLE;
    }
  }

  /** Runs a command that changes something, and says that it did. */
  int change(String command, CaOptions options, String done, Change change) {
    return run(
        command,
        options,
        ca -> {
          change.with(ca);
          if (options.json()) {
            print(TrustJson.done());
          } else {
            print(List.of(done));
          }
          return ExitCode.OK;
        });
  }

  void print(List<String> lines) {
    lines.forEach(line -> out.println(Printable.line(line)));
    out.flush();
  }

  void print(JsonObject json) {
    out.println(TrustJson.pretty(json));
    out.flush();
  }

  /** As one line, for those who read a stream. */
  void printLine(JsonObject json) {
    out.println(json);
    out.flush();
  }

  private void complain(String command, String sentence) {
    err.println(Printable.line(command + ": " + sentence));
  }
}
