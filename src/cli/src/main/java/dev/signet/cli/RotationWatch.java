package dev.signet.cli;

import dev.signet.ca.rotation.Overview;
import dev.signet.ca.rotation.Step;
import dev.signet.cli.adapter.admin.AdminClient;
import dev.signet.cli.trust.CaRefusedException;
import dev.signet.cli.trust.CaUnreachableException;
import dev.signet.cli.trust.RotationLog;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code signet rotate watch}: lines are added, none is ever written over. */
final class RotationWatch implements AdminClient.Watcher {
  private final CaCalls calls;
  private final boolean json;
  private final RotationLog log = new RotationLog();
  private RotationLog.@Nullable Outcome outcome;

  RotationWatch(CaCalls calls, boolean json) {
    this.calls = calls;
    this.json = json;
  }

  int run(AdminClient ca, Optional<Duration> timeout)
      throws CaRefusedException, CaUnreachableException {
    if (ca.watch(timeout, this)) {
      return outcome == RotationLog.Outcome.ABORTED ? ExitCode.FAILED : ExitCode.OK;
    }
    if (json) {
      calls.printLine(TrustJson.end("timeout"));
    } else {
      calls.print(List.of("the time is over (--timeout), and the rotation is not complete"));
    }
    return ExitCode.TIMED_OUT;
  }

  @Override
  public boolean overview(Overview overview) {
    List<Step> fresh = log.newSteps(overview);
    Optional<RotationLog.Outcome> end = log.ends(overview);
    if (json) {
      calls.printLine(TrustJson.state(overview, fresh));
    } else {
      calls.print(log.lines(overview, fresh));
    }
    end.ifPresent(is -> {
      outcome = is;
      if (json) {
        calls.printLine(TrustJson.end(is.name()));
      } else {
        calls.print(RotationLog.ended(is, overview));
      }
    });
    return end.isEmpty();
  }

  @Override
  public void trouble(CaRefusedException why) {
    if (json) {
      calls.printLine(TrustJson.trouble(why));
    } else {
      calls.print(
          List.of(
              "the CA cannot tell how things stand, and tries on: "
                  + why.reason()
                  + ": "
                  + why.detail()));
    }
  }

  @Override
  public void lost(CaUnreachableException why) {
    if (json) {
      calls.printLine(TrustJson.lost(why));
    } else {
      calls.print(List.of("the CA does not answer any more, and is asked on: " + why.getMessage()));
    }
  }
}
