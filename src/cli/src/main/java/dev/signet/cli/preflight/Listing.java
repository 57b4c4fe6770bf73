package dev.signet.cli.preflight;

import java.util.Collection;
import java.util.List;

/** Names in a sentence: the first ten, and how many more. */
final class Listing {
  private static final int SHOWN = 10;

  private Listing() {}

  static String of(Collection<String> names) {
    List<String> sorted = names.stream().sorted().distinct().toList();
    String shown = String.join(", ", sorted.subList(0, Math.min(SHOWN, sorted.size())));
    int more = sorted.size() - SHOWN;
    return more > 0 ? shown + " and " + more + " more" : shown;
  }

  /** {@code 1 node}, {@code 3 nodes}. */
  static String count(int number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }
}
