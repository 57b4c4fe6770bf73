package dev.signet.cli.trust;

import dev.signet.ca.rotation.Gate;
import dev.signet.ca.rotation.Gate.ConsumerClass;
import dev.signet.ca.rotation.Gate.Missing;
import dev.signet.ca.rotation.Gate.Tally;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.stream.Collectors;

/** How things are called on the terminal. */
final class Words {
  private Words() {}

  static String time(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  static String of(ConsumerClass kind) {
    return switch (kind) {
      case REPLICA -> "replicas";
      case PUBLISHED_BUNDLE -> "published bundle";
      case AGENT -> "agents";
      case POD_ACKNOWLEDGED -> "acknowledged";
      case POD_SENT -> "sent";
      case POD_HELD -> "held";
      case POD_UNSEEN -> "unseen";
    };
  }

  /** The classes side by side, never a sum of them. */
  static String tallies(Gate gate) {
    return gate.tallies().isEmpty()
        ? "no consumer"
        : gate.tallies().stream()
            .sorted(Comparator.comparing(Tally::kind))
            .map(Words::tally)
            .collect(Collectors.joining(" · "));
  }

  private static String tally(Tally tally) {
    // Of these two one number says all where they are as they usually are: all held, none ever
    // seen.
    boolean usual =
        switch (tally.kind()) {
          case POD_HELD -> tally.confirmed() == tally.total();
          case POD_UNSEEN -> tally.confirmed() == 0;
          default -> false;
        };
    String number = usual ? "" + tally.total() : tally.confirmed() + " of " + tally.total();
    return of(tally.kind()) + " " + number;
  }

  /** Where it is and what it is called. */
  static String place(Missing missing) {
    String node = missing.node().map(Object::toString).orElse("");
    return switch (missing.kind()) {
      case REPLICA -> "replica " + missing.name();
      case PUBLISHED_BUNDLE -> "published bundle";
      case AGENT -> "agent of " + node;
      case POD_ACKNOWLEDGED, POD_SENT, POD_HELD, POD_UNSEEN ->
          "pod " + missing.name() + " on " + node;
    };
  }

  static String leaves(Missing missing) {
    return missing.leaves().map(time -> "leaves by itself at " + time(time)).orElse("");
  }

  /** What the step of a gate will be, where it is made. */
  static String waits(Gate gate) {
    return switch (gate.step()) {
      case ACTIVATE -> gate.root() + " waits to sign";
      case RETIRE -> gate.root() + " waits to leave the bundle";
      case REVOKE -> gate.root() + (gate.isOpen() ? " may be revoked" : " may not be revoked yet");
      default -> gate.step() + " of " + gate.root() + " waits";
    };
  }
}
