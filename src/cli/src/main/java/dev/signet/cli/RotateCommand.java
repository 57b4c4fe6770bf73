package dev.signet.cli;

import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.AuthorityState;
import dev.signet.ca.rotation.Gate;
import dev.signet.ca.rotation.Overview;
import dev.signet.ca.rotation.TrustState;
import dev.signet.cli.trust.TrustTables;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code signet rotate}. */
@Command(
    name = "rotate",
    description = {
      "Rotate the trust root. A rotation goes on by itself, each step when nobody is missing.",
      "Exit codes: 0 done; 1 refused, or given up; 2 wrong usage; 3 no CA answers; 4 watch --timeout."
    })
final class RotateCommand {
  private final CaCalls calls;

  @Spec private @Nullable CommandSpec spec;

  RotateCommand(CaCalls calls) {
    this.calls = calls;
  }

  /** Kept for ever with the step. */
  static final class Reason {
    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        defaultValue = "",
        description = "Kept for ever with the step.")
    private String text = "";
  }

  /** Where none may be left out. */
  static final class NeededReason {
    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        required = true,
        description = "Kept for ever with the step.")
    private String text = "";
  }

  @Command(description = "Begin a rotation.")
  int start(
      @Option(
              names = "--forced",
              description =
                  "Have the leaves below the old root replaced at once, not at their renewal.")
          boolean forced,
      @Mixin Reason reason,
      @Mixin CaOptions options) {
    return calls.change(
        "signet rotate start",
        options,
        "a rotation has begun and goes on by itself: signet rotate watch shows it",
        ca -> ca.start(reason.text, forced));
  }

  @Command(
      description = {
        "Show a rotation as it happens: a line for each change.",
        "Ends with 0 when it is complete, with 1 when it was given up."
      })
  int watch(
      @Option(
              names = "--timeout",
              paramLabel = "TIME",
              converter = TimeLength.class,
              description = "End with 4 if it takes longer, such as 30m. Default: no end.")
          @Nullable Duration timeout,
      @Mixin CaOptions options) {
    return calls.run(
        "signet rotate watch",
        options,
        ca -> new RotationWatch(calls, options.json()).run(ca, Optional.ofNullable(timeout)));
  }

  @Command(
      description =
          "Say who would break if a root went now: of each root, or of one. Changes nothing.")
  int plan(
      @Parameters(
              paramLabel = "ROOT",
              arity = "0..1",
              converter = AuthorityName.class,
              description = "As signet authority list shows it.")
          @Nullable KeyId root,
      @Mixin CaOptions options) {
    return calls.run(
        "signet rotate plan",
        options,
        ca -> {
          Overview overview = ca.overview();
          List<KeyId> roots =
              root != null
                  ? List.of(root)
                  : overview.state().roots().stream()
                      .filter(each -> each.state().inBundle())
                      .map(TrustState.Root::id)
                      .toList();
          List<Gate> gates = new ArrayList<>();
          for (KeyId each : roots) {
            gates.add(ca.plan(each));
          }
          if (options.json()) {
            calls.print(TrustJson.plan(overview, gates));
          } else {
            gates.forEach(gate -> calls.print(TrustTables.plan(gate, state(overview, gate))));
          }
          return ExitCode.OK;
        });
  }

  private static Optional<AuthorityState> state(Overview overview, Gate gate) {
    return overview.state().root(gate.root()).map(TrustState.Root::state);
  }

  @Command(description = "Have no step made by itself until it is resumed.")
  int pause(@Mixin Reason reason, @Mixin CaOptions options) {
    return calls.change(
        "signet rotate pause",
        options,
        "paused: no step is made by itself until signet rotate resume",
        ca -> ca.pause(reason.text));
  }

  @Command(description = "Go on after a pause.")
  int resume(@Mixin Reason reason, @Mixin CaOptions options) {
    return calls.change(
        "signet rotate resume",
        options,
        "resumed: each step is made when nobody is missing",
        ca -> ca.resume(reason.text));
  }

  @Command(description = "Give a rotation up whose root has signed nothing yet.")
  int abort(@Mixin Reason reason, @Mixin CaOptions options) {
    return calls.change(
        "signet rotate abort",
        options,
        "given up: the next root leaves the bundle, and nothing was signed below it",
        ca -> ca.abort(reason.text));
  }

  @Command(
      description = {
        "Make the step that is due now without those who are missing.",
        "They fail until they hold what they lack: signet rotate watch names them before."
      })
  int override(@Mixin NeededReason reason, @Mixin CaOptions options) {
    return calls.change(
        "signet rotate override",
        options,
        "the step that was due is made without those who were missing: signet authority list shows it",
        ca -> ca.override(reason.text));
  }

  @Command(
      description = {
        "Not to rely on a root or an issuing authority any more.",
        "Every leaf below it is replaced at once; a root that signs is followed by the next one."
      })
  int taint(
      @Parameters(
              paramLabel = "AUTHORITY",
              converter = AuthorityName.class,
              description = "As signet authority list shows it.")
          KeyId authority,
      @Mixin NeededReason reason,
      @Mixin CaOptions options) {
    return calls.change(
        "signet rotate taint " + authority,
        options,
        authority
            + " is tainted: every leaf below it is replaced, and signet rotate watch shows it",
        ca -> ca.taint(authority, reason.text));
  }

  @Command(description = "Take a tainted root out of the bundle, when nobody needs it any more.")
  int revoke(
      @Parameters(
              paramLabel = "ROOT",
              converter = AuthorityName.class,
              description = "As signet authority list shows it.")
          KeyId root,
      @Option(
              names = "--override",
              description =
                  "Without those who need it still: they fail. signet rotate plan names them before. Needs --reason.")
          boolean override,
      @Mixin Reason reason,
      @Mixin CaOptions options) {
    if (override && reason.text.isBlank()) {
      throw new ParameterException(
          subcommand("revoke"), "--override needs --reason: it is kept for ever");
    }
    return calls.change(
        "signet rotate revoke " + root,
        options,
        root + " is revoked: it has left the bundle, and nothing below it verifies any more",
        ca -> ca.revoke(root, reason.text, override));
  }

  private picocli.CommandLine subcommand(String name) {
    if (spec == null) {
      throw new IllegalStateException("picocli sets it before it calls");
    }
    return spec.commandLine().getSubcommands().getOrDefault(name, spec.commandLine());
  }
}
