package dev.signet.process.message;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that was probably meant. */
public final class Suggestion {
  // Longer names are no typing mistake, and the work grows with the product of the lengths.
  private static final int LONGEST = 64;

  private Suggestion() {}

  /**
   * The one of {@code known} nearest to {@code name}, where it is near enough to be meant: at most
   * a third of its letters differ (a letter missing, added, replaced, or two neighbours swapped).
   */
  public static Optional<String> nearest(String name, Collection<String> known) {
    if (name.length() > LONGEST) {
      return Optional.empty();
    }
    String wanted = plain(name);
    record Candidate(String name, int distance) {}
    return known.stream()
        .map(candidate -> new Candidate(candidate, distance(wanted, plain(candidate))))
        .filter(candidate -> candidate.distance() <= Math.max(1, candidate.name().length() / 3))
        .min(Comparator.comparingInt(Candidate::distance).thenComparing(Candidate::name))
        .map(Candidate::name);
  }

  /** {@code "; did you mean 'x'?"} where there is a nearest name, else nothing. */
  public static String clause(String name, Collection<String> known) {
    return nearest(name, known)
        .map(found -> "; did you mean " + Printable.quoted(found) + "?")
        .orElse("");
  }

  // trustDomain, trust-domain and trust_domain differ in habit, not in what was meant.
  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replace("_", "").replace("-", "");
  }

  // Optimal string alignment distance.
  private static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      d[i][0] = i;
    }
    for (int j = 0; j <= b.length(); j++) {
      d[0][j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      for (int j = 1; j <= b.length(); j++) {
        int replaced = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        d[i][j] = Math.min(replaced, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
