package dev.signet.cli.preflight;

import dev.signet.cli.cluster.Observed;
import java.util.List;
import java.util.function.Function;

/**
 * What a check found.
 *
 * @param seen what was seen, in one line
 * @param mend what to do: a command or a sentence; empty where there is nothing to do
 */
public record Finding(Check check, Status status, String seen, String mend) {

  static Finding ok(Check check, String seen) {
    return new Finding(check, Status.OK, seen, "");
  }

  static Finding warn(Check check, String seen, String mend) {
    return new Finding(check, Status.WARN, seen, mend);
  }

  static Finding fail(Check check, String seen, String mend) {
    return new Finding(check, Status.FAIL, seen, mend);
  }

  static Finding unknown(Check check, String why, String mend) {
    return new Finding(check, Status.UNKNOWN, why, mend);
  }

  static Finding notInstalled(Check check) {
    return new Finding(check, Status.NOT_INSTALLED, "not installed yet", "");
  }

  /** Decides on a fact where it was seen; a hidden one is unknown, with the reason. */
  static <T> List<Finding> on(Check check, Observed<T> fact, Function<T, List<Finding>> decide) {
    return fact.either(decide, (why, mend) -> List.of(unknown(check, why, mend)));
  }
}
