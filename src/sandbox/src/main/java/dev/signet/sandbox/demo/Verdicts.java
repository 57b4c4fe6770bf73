package dev.signet.sandbox.demo;

import java.util.ArrayList;
import java.util.List;

/** What was expected of the story and what was seen. Thread-safe. */
final class Verdicts {
  /**
   * One expectation.
   *
   * @param what it is about
   * @param seen what was observed, in the words of whoever did or refused it
   */
  record Verdict(String what, String expected, String seen, boolean good) {}

  private static final List<Integer> COLUMNS = List.of(4, 37, 20);

  private final List<Verdict> verdicts = new ArrayList<>();

  synchronized void add(String what, String expected, String seen, boolean good) {
    verdicts.add(new Verdict(what, expected, seen, good));
  }

  /** True if there are any and all are good. */
  synchronized boolean allGood() {
    return !verdicts.isEmpty() && verdicts.stream().allMatch(Verdict::good);
  }

  synchronized List<Verdict> list() {
    return List.copyOf(verdicts);
  }

  void tell(Narrator narrator) {
    narrator.heading("Summary");
    narrator.row(COLUMNS, "", "what", "expected", "seen");
    for (Verdict verdict : list()) {
      narrator.row(
          COLUMNS,
          verdict.good() ? "ok" : "FAIL",
          verdict.what(),
          verdict.expected(),
          verdict.seen());
    }
    long good = list().stream().filter(Verdict::good).count();
    narrator.heading(good + " of " + list().size() + " as expected");
  }
}
