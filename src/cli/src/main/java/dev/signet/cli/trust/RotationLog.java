package dev.signet.cli.trust;

import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.AuthorityState;
import dev.signet.ca.rotation.Gate;
import dev.signet.ca.rotation.Gate.Missing;
import dev.signet.ca.rotation.Overview;
import dev.signet.ca.rotation.Step;
import dev.signet.ca.rotation.TrustState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A rotation as a log: of each overview what is new in it, and whether the rotation has ended. For
 * one thread.
 */
public final class RotationLog {
  /** Named one by one in one breath; the rest is counted. */
  private static final int NAMED = 20;

  private final Set<Step> steps = new HashSet<>();
  private final Set<KeyId> next = new HashSet<>();
  private final Map<KeyId, String> roots = new HashMap<>();
  private final Map<KeyId, GateSeen> gates = new HashMap<>();
  private boolean begun;
  private boolean paused;
  private long revision;
  private boolean underWay;

  /** How a rotation came out. */
  public enum Outcome {
    /** The new root signs, and nobody needs an old one. */
    COMPLETE,
    /** The new root was given up. */
    ABORTED,
    /** None was under way. */
    NONE
  }

  /** What was shown of a gate. */
  private record GateSeen(String tallies, Map<String, Missing> missing) {}

  /** The steps that were not in an overview before, the oldest first. */
  public List<Step> newSteps(Overview overview) {
    List<Step> fresh = new ArrayList<>();
    for (Step step : overview.steps().reversed()) {
      if (steps.add(step)) {
        fresh.add(step);
      }
    }
    return List.copyOf(fresh);
  }

  /** Takes an overview in; how it ended if it has. */
  public Optional<Outcome> ends(Overview overview) {
    for (TrustState.Root root : overview.state().roots()) {
      if (root.state() == AuthorityState.PREPARED || root.state() == AuthorityState.PUBLISHED) {
        next.add(root.id());
      }
    }
    if (isUnderWay(overview)) {
      underWay = true;
      return Optional.empty();
    }
    if (!underWay) {
      return Optional.of(lastWasAborted(overview) ? Outcome.ABORTED : Outcome.NONE);
    }
    boolean givenUp =
        !next.isEmpty()
            && next.stream()
                .noneMatch(id ->
                    overview
                        .state()
                        .root(id)
                        .filter(root -> root.state() == AuthorityState.ACTIVE)
                        .isPresent());
    return Optional.of(givenUp ? Outcome.ABORTED : Outcome.COMPLETE);
  }

  /**
   * Whether something goes on by itself yet. A tainted root that nobody needs any more waits for
   * the operator.
   */
  public static boolean isUnderWay(Overview overview) {
    return overview.state().roots().stream()
        .anyMatch(root ->
            switch (root.state()) {
              case PREPARED, PUBLISHED, RETIRING -> true;
              case TAINTED -> !isOpen(overview, root.id());
              case ACTIVE, RETIRED, REVOKED -> false;
            });
  }

  private static boolean isOpen(Overview overview, KeyId root) {
    return overview.gates().stream().anyMatch(gate -> gate.root().equals(root) && gate.isOpen());
  }

  private static boolean lastWasAborted(Overview overview) {
    return overview.steps().stream()
        .map(Step::kind)
        .filter(kind ->
            switch (kind) {
              case PREPARE, PUBLISH, ACTIVATE, RETIRE, ABORT, TAINT, REVOKE -> true;
              case PAUSE, RESUME, BAN, UNBAN -> false;
            })
        .findFirst()
        .filter(kind -> kind == Step.Kind.ABORT)
        .isPresent();
  }

  /**
   * What is new, each a line with its time.
   *
   * @param fresh what {@link #newSteps} gave
   */
  public List<String> lines(Overview overview, List<Step> fresh) {
    List<String> lines = new ArrayList<>();
    if (begun) {
      // Steps from before the watch are not news.
      fresh.forEach(step -> lines.add(Words.time(step.at()) + "  " + step(step)));
    }
    List<String> now = new ArrayList<>();
    roots(overview, now);
    if (overview.state().revision() != revision) {
      revision = overview.state().revision();
      now.add("the bundle is at revision " + revision);
    }
    if (overview.state().paused() != paused) {
      paused = overview.state().paused();
      now.add(
          paused
              ? "paused: no step is made by itself until signet rotate resume"
              : "no longer paused");
    }
    gates(overview, now);
    String at = Words.time(overview.at());
    now.forEach(line -> lines.add(at + "  " + line));
    begun = true;
    return List.copyOf(lines);
  }

  /** How it ended, in words. */
  public static List<String> ended(Outcome outcome, Overview overview) {
    String signing =
        overview.state().roots(AuthorityState.ACTIVE).stream()
            .map(root -> root.id() + " signs")
            .findFirst()
            .orElse("no root signs");
    List<String> lines = new ArrayList<>();
    lines.add(
        switch (outcome) {
          case COMPLETE -> "the rotation is complete: " + signing;
          case ABORTED -> "the rotation was given up: " + signing;
          case NONE -> "no rotation is under way: " + signing;
        });
    for (TrustState.Root root : overview.state().roots(AuthorityState.TAINTED)) {
      lines.add(
          "nobody needs "
              + root.id()
              + " any more, which is tainted: signet rotate revoke "
              + root.id()
              + " takes it out of the bundle");
    }
    return List.copyOf(lines);
  }

  private static String step(Step step) {
    StringBuilder text = new StringBuilder("step: ").append(step.kind());
    step.authority().ifPresent(authority -> text.append(' ').append(authority));
    step.node().ifPresent(node -> text.append(' ').append(node));
    text.append(" by ").append(step.who());
    if (!step.why().isEmpty()) {
      text.append(", because: ").append(step.why());
    }
    if (!step.overrides().isEmpty()) {
      text.append(", OVERRIDING ").append(step.overrides());
    }
    return text.toString();
  }

  private void roots(Overview overview, List<String> lines) {
    for (TrustState.Root root : overview.state().roots()) {
      String is = root.state() + (root.forced() ? ", its leaves are replaced at once" : "");
      String was = roots.put(root.id(), is);
      boolean over =
          root.state() == AuthorityState.RETIRED || root.state() == AuthorityState.REVOKED;
      if (!is.equals(was) && !(over && was == null)) {
        lines.add(root.id() + " is " + is);
      }
    }
  }

  private void gates(Overview overview, List<String> lines) {
    Set<KeyId> present = new HashSet<>();
    for (Gate gate : overview.gates()) {
      present.add(gate.root());
      gate(gate, lines);
    }
    gates.keySet().retainAll(present);
  }

  private void gate(Gate gate, List<String> lines) {
    Map<String, Missing> missing = new TreeMap<>();
    gate.missing().stream()
        .sorted(Comparator.comparing(Missing::kind))
        .forEach(each -> missing.put(key(each), each));
    String tallies = (gate.isOpen() ? "nobody is missing: " : "") + Words.tallies(gate);
    GateSeen before =
        Optional.ofNullable(gates.put(gate.root(), new GateSeen(tallies, missing)))
            .orElse(new GateSeen("", Map.of()));
    if (!before.tallies().equals(tallies)) {
      lines.add(Words.waits(gate) + ": " + tallies);
    }
    List<String> there = new ArrayList<>();
    before
        .missing()
        .forEach((key, was) -> {
          if (!missing.containsKey(key)) {
            there.add("  there now: " + Words.place(was));
          }
        });
    addAll(there, lines);
    List<String> news = new ArrayList<>();
    missing.forEach((key, is) -> {
      if (!Optional.ofNullable(before.missing().get(key)).map(was -> same(was, is)).orElse(false)) {
        news.add("  missing: " + said(is));
      }
    });
    addAll(news, lines);
  }

  private static void addAll(List<String> from, List<String> lines) {
    from.stream().limit(NAMED).forEach(lines::add);
    if (from.size() > NAMED) {
      lines.add("  and " + (from.size() - NAMED) + " more (-o json names all)");
    }
  }

  private static String key(Missing missing) {
    return Words.place(missing) + " " + missing.podUid();
  }

  /** Numbers may move without being news: "3 s ago", "4 s ago". */
  private static boolean same(Missing was, Missing is) {
    return was.kind() == is.kind()
        && was.why().replaceAll("\\d+", "#").equals(is.why().replaceAll("\\d+", "#"));
  }

  private static String said(Missing missing) {
    String leaves = Words.leaves(missing);
    return Words.place(missing)
        + " ("
        + Words.of(missing.kind())
        + "): "
        + missing.why()
        + (leaves.isEmpty() ? "" : "; " + leaves);
  }
}
