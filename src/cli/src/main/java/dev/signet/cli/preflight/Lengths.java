package dev.signet.cli.preflight;

import java.time.Duration;

/** Lengths of time as people write them, in whole seconds. */
final class Lengths {
  private Lengths() {}

  static String print(Duration length) {
    Duration whole = length.abs();
    StringBuilder text = new StringBuilder();
    if (whole.toHours() > 0) {
      text.append(whole.toHours()).append('h');
    }
    if (whole.toMinutesPart() > 0) {
      text.append(whole.toMinutesPart()).append('m');
    }
    if (whole.toSecondsPart() > 0 || text.isEmpty()) {
      text.append(whole.toSecondsPart()).append('s');
    }
    return text.toString();
  }
}
